/* What the players built into boxes share: one of them has the decoder at a time; commands are believed, reports come
   late, twice or never, so the position is looked at as well. A family makes its own part, makeFamily(tell) ->
   {start(url, at_s, growing) -> the kind of fault or nothing, close(), free(), pause(), resume(), seek(s), position() and
   duration() (raw), area([l, t, w, h] in px of the plane, full), hear(code)}, and where it can: begun(), again(s) (the
   same seek in another way), date(), dated(), volume(step) -> 0 to 100 after that step, 0 for mute or not. It reports by tell.begun, .ended, .failed(kind), .paused, .waiting. */
(function (CT, window) {
  'use strict';
  var LOOK_MS = 500;
  var STAND_MS = 3000;  // a picture that stands so long without being asked to waits for data
  var END_MS = 5000;    // one that stands so long at its end is over: reports of an end get lost
  var SEEK_MS = 4000;   // a box that is elsewhere so long after a seek did not take it
  var NEAR_S = 3;
  var LATE_MS = 2000;   // a report this soon after a command is of what was before it
  var owner = null;     // the player that has the decoder
  var proven = false;   // a picture was seen: what fails from now on is not for want of a player

  function clock() { return new Date().getTime(); }

  /* The video plane counts its own pixels: those of the page, or as wide as CT_CONFIG.plane says. */
  function onPlane(rect) {
    var scale = CT.option('plane') / 1280 || CT.scale;
    return [0, 1, 2, 3].map(function (i) { return Math.round(rect[i] * scale); });
  }

  CT.makeBoxPlayer = function (emit, makeFamily) {
    var state = 'closed'; // opening, playing, waiting, paused, ended
    var over = false, media = null, rect = [0, 0, 1280, 720], looker = null, me = {};
    var time = CT.makeBoxTime(), base_s = 0, begunAt = 0, movedAt = 0, wanted_s = null, wantedAt = 0, again = false;
    var stopped = false, resumedAt = 0; // stopped: paused by report alone
    var player = {}, family = null;
    var say = CT.guard(function (name, detail) { if (!over) { emit(name, detail); } });

    /* The box's own calls may throw; that is no reason to fall. */
    function ask(method, a, b, c) {
      try { return family[method] ? family[method](a, b, c) : undefined; } catch (e) { CT.lastError = method + ': ' + e; return undefined; }
    }

    function become(next) {
      if (state === next) { return; }
      state = next;
      say(next);
    }
    function isOn() { return state === 'opening' || state === 'playing' || state === 'waiting' || state === 'paused'; }

    function applyArea() {
      var full = rect[0] === 0 && rect[1] === 0 && rect[2] === 1280 && rect[3] === 720;
      ask('area', onPlane(rect), full);
      CT.hole(rect);
    }

    function close() {
      window.clearInterval(looker);
      if (state !== 'closed') { ask('close'); }
      state = 'closed';
      wanted_s = null;
      if (owner === me) { CT.hole(null); }
    }
    me.volume = function (step) { return ask('volume', step); };
    me.hear = function (code) { ask('hear', code); };
    me.release = function () {
      close();
      ask('free');
      owner = null;
    };

    function expect(s) {
      base_s = wanted_s = s;
      wantedAt = clock();
      again = false;
      time.reset();
    }

    function begun() {
      if (state !== 'opening' && state !== 'waiting') { return; }
      var first = state === 'opening';
      proven = true;
      movedAt = clock();
      if (first) {
        begunAt = movedAt;
        applyArea(); // some boxes forget what they were told before the picture
        ask('begun');
        if (media.at_s > 0) { seek(media.at_s); }
      }
      become('playing');
    }
    function ended() {
      if (!isOn() || state === 'opening') { return; } // an end before the beginning is the former picture's
      base_s = player.duration() || player.position();
      window.clearInterval(looker);
      become('ended');
    }
    function failed(kind) {
      if (!isOn()) { return; }
      close();
      say('error', { kind: kind || (proven ? 'network' : 'media') });
    }

    function seek(s) {
      expect(s);
      ask('seek', s);
    }

    /* The box did not go where it was sent: once more in another way, then it is believed. */
    function checkSeek() {
      if (wanted_s === null) { return; }
      var there = time.known() && Math.abs(time.position() - wanted_s) <= NEAR_S;
      var late = clock() - wantedAt > SEEK_MS;
      if (late && !there && !again && family.again) {
        again = true;
        wantedAt = clock();
        ask('again', wanted_s);
      } else if (there || late) { wanted_s = null; }
    }

    function atEnd() {
      var duration = player.duration();
      return duration > 0 && duration - player.position() <= NEAR_S - 1;
    }

    function look() {
      if (!isOn()) { return; }
      var now = clock(), moved = time.look(ask('position'), now);
      if (moved) { movedAt = now; }
      if (state === 'paused' && stopped && moved) { state = 'waiting'; } // the report was wrong
      if (state === 'paused') { return; }
      checkSeek();
      if (moved && (state === 'waiting' || time.known())) { begun(); }
      if (state !== 'playing' || !time.known() || wanted_s !== null) { return; }
      if (!media.growing && atEnd()) {
        if (now - movedAt > END_MS) { ended(); }
      } else if (now - movedAt > STAND_MS) { become('waiting'); }
    }

    function open(url, at_s, growing) {
      close();
      if (owner && owner !== me) { owner.release(); }
      owner = me;
      media = { url: url, at_s: at_s || 0, growing: !!growing };
      state = 'opening';
      expect(media.at_s);
      wanted_s = null;
      begunAt = movedAt = 0;
      var refused = ask('start', CT.absolute(url), at_s, growing);
      if (!isOn()) { return; }
      if (refused) { CT.later(function () { failed(refused); }, 0); return; }
      applyArea();
      looker = CT.every(look, LOOK_MS);
    }

    family = makeFamily({ begun: begun, ended: ended, failed: failed,
      paused: function () {
        if ((state !== 'playing' && state !== 'waiting') || clock() - resumedAt < LATE_MS) { return; }
        base_s = player.position();
        stopped = true;
        become('paused');
      },
      waiting: function () { if (state === 'playing') { become('waiting'); } } });

    player.open = open;
    player.halt = close;
    player.pause = function () {
      if (state !== 'playing' && state !== 'waiting') { return; }
      base_s = player.position();
      ask('pause');
      stopped = false;
      become('paused');
    };
    player.resume = function () {
      if (state === 'ended') { open(media.url, base_s, media.growing); }
      if (state !== 'paused') { return; }
      begunAt = movedAt = resumedAt = clock();
      time.reset();
      ask('resume');
      if (wanted_s !== null) { seek(wanted_s); }
      become('playing');
    };
    player.seek = function (s) {
      if (state === 'ended') { open(media.url, s, media.growing); }
      else if (state === 'opening') { media.at_s = base_s = s; }
      else if (state === 'paused') { expect(s); } // a seek would set it going: it waits for that
      else if (isOn()) { seek(s); }
    };
    player.position = function () {
      if (wanted_s !== null || !time.known() || state === 'ended') {
        var reckoned = media && media.growing && state === 'playing'; // boxes may tell nothing of what is live
        return reckoned ? base_s + (clock() - begunAt) / 1000 : base_s;
      }
      return time.position();
    };
    player.duration = function () { return isOn() || state === 'ended' ? time.duration(ask('duration')) : 0; };
    player.held = function () { return media && !media.growing && isOn() ? [0, player.duration()] : [0, 0]; };
    player.date = function () { return isOn() && ask('date') || 0; };
    player.dated = function () { return !!ask('dated'); };
    player.positionOf = player.asking = function () { return null; }; // they do not tell
    player.area = function (l, t, w, h) {
      rect = [l, t, w, h];
      if (isOn()) { applyArea(); }
    };
    player.stop = function () {
      over = true;
      if (owner === me) { me.release(); } else { close(); }
    };
    return player;
  };

  var codes = null;

  /* Gives a code to the player that has the decoder; false where it is a key. */
  function hear(code) {
    if (!codes || codes.indexOf(code) < 0) { return false; }
    if (owner) { owner.hear(code); }
    return true;
  }
  function onEvent(event) {
    if (!hear(event.keyCode || event.which || 0)) { return true; }
    if (event.stopPropagation) { event.stopPropagation(); }
    if (event.preventDefault) { event.preventDefault(); }
    return false;
  }

  /* From now on these codes are reports of the player, wherever the box drops them: no screen gets to see them. */
  CT.hearBox = function (its) {
    if (!codes) {
      window.addEventListener('keydown', CT.guard(onEvent), true);
      window.addEventListener('keypress', CT.guard(onEvent), true);
      window.document.onsystemevent = CT.guard(onEvent); // iPanel's way for what is no key
      CT.players.event = hear;
    }
    codes = its;
  };

  /* Louder, softer, mute, where the box leaves that to the page; false where it does it by itself. */
  CT.players.volume = function (fn) {
    var step = { volup: 5, voldown: -5, mute: 0 }[fn];
    var loud = step === undefined || !owner ? undefined : owner.volume(step);
    if (loud === undefined) { return false; }
    CT.note(loud ? '音量 ' + loud : '静音', 2);
    return true;
  };

  /* The box's own player knows nothing of where our page lies. */
  CT.absolute = function (url) {
    var link = window.document.createElement('a');
    link.href = url;
    return link.href;
  };

  window.addEventListener('pagehide', CT.guard(function () { if (owner) { owner.release(); } }), false);
  window.addEventListener('unload', CT.guard(function () { if (owner) { owner.release(); } }), false);
}(window.CT, window));
