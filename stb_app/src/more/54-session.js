/* One playing of one title: opens the address, re-asks the server when it ran out, tries the next player when
   one cannot, notes the position, and tells the screen in plain states. */
(function (CT, window) {
  'use strict';
  var SAVE_MS = 10000;
  var STILL_MS = 2500;
  var STALL_MS = 25000;
  var TRIES = 5;

  /* ask(done, onRetry) fetches what to play, {playback_url}; card.id null: a place that nobody remembers.
     tell(state): loading | playing | paused | ended | preparing | trouble | failed. */
  CT.makeSession = function (host, card, start_s, ask, tell) {
    var drivers = CT.players.usable();
    var session = { state: 'loading', detail: null, engine: null, started: false };
    var player = null, asked = null, retryTimer = null, closed = false;
    var at_s = start_s, savedAt = 0, movedAt = new Date().getTime(), failures = 0, playedSinceOpen = false;

    function set(state) { session.state = state; tell(state); }

    function note(upload) {
      if (!session.started || card.id === null) { return; }
      savedAt = new Date().getTime();
      CT.resume.note(card, at_s, session.duration(), upload);
    }

    function dropPlayer() {
      if (player) { player.stop(); }
      player = null;
    }

    function onEvent(driver, name, detail) {
      if (name === 'playing') {
        session.started = playedSinceOpen = true;
        movedAt = new Date().getTime();
        set('playing');
      } else if (name === 'paused' && session.state !== 'ended') {
        set('paused');
        note(true);
      } else if (name === 'waiting') { set('loading'); }
      else if (name === 'ended') { at_s = session.duration(); note(true); set('ended'); }
      else if (name === 'error') { onError(driver, detail); }
    }

    /* A player that never showed a picture is given up for the next one; the rest is asked anew with back-off. */
    function onError(driver, detail) {
      failures += 1;
      if (detail.kind === 'media' && !playedSinceOpen && failures > 1 && drivers.length > 1) {
        drivers.shift();
        failures = 0;
      }
      dropPlayer();
      if (failures >= TRIES) { session.error = { kind: detail.kind }; set('failed'); return; }
      set('trouble');
      window.clearTimeout(retryTimer);
      retryTimer = CT.later(fetch, detail.kind === 'expired' && failures < 2 ? 0 : CT.backoff(failures - 1));
    }

    function open(detail) {
      session.detail = detail;
      if (!detail.playback_url) {
        set('preparing');
        retryTimer = CT.later(fetch, 10000);
        return;
      }
      if (!drivers.length) { set('failed'); return; }
      dropPlayer();
      playedSinceOpen = false;
      movedAt = new Date().getTime();
      session.engine = drivers[0].name;
      player = drivers[0].make(host, onEvent.bind(null, drivers[0]));
      player.area(0, 0, 1280, 720);
      set('loading');
      player.open(detail.playback_url, at_s, false);
    }

    function fetch() {
      if (asked) { asked.cancel(); }
      asked = ask(function (error, detail) {
        if (closed) { return; }
        if (error) { session.error = error; set('failed'); } else { open(detail); }
      }, function () { set('trouble'); });
    }

    session.position = function () { return at_s; };
    /* Where the picture is at this very moment. */
    session.place = function () { return player && playedSinceOpen ? player.position() : at_s; };
    session.duration = function () { return player && player.duration() || card.duration_s; };
    session.date = function () { return player && session.started ? player.date() : 0; };
    session.pause = function () { if (player) { player.pause(); } };
    session.resume = function () { if (player) { player.resume(); } };
    session.seek = function (s) {
      at_s = CT.clamp(s, 0, Math.max(0, session.duration() - 1));
      movedAt = new Date().getTime();
      if (player) { player.seek(at_s); }
      if (session.state === 'ended') { set('loading'); session.resume(); }
    };
    session.retry = function () { failures = 0; drivers = CT.players.usable(); set('loading'); fetch(); };
    /* One try more, in silence, after it was given up. */
    session.mend = function () { failures = TRIES - 1; drivers = CT.players.usable(); fetch(); };

    /* Called every half second by the screen: follows the position, saves it, notices a stall. */
    session.tick = function () {
      var now = new Date().getTime();
      var p = session.place();
      if (p !== at_s && session.state !== 'ended') {
        at_s = p;
        movedAt = now;
        failures = 0;
        if (session.state === 'loading' || session.state === 'trouble') { set('playing'); }
      }
      if (session.state === 'playing' && Math.abs(now - savedAt) >= SAVE_MS) { note(true); }
      var still_ms = Math.abs(now - movedAt);
      if (session.state !== 'playing' && session.state !== 'loading' || !player) { return; }
      if (still_ms > STILL_MS && player.asking()) { set('trouble'); } // the last picture stays
      else if (session.state === 'loading' && still_ms > STALL_MS) { onError(null, { kind: 'network' }); }
    };

    session.close = function () {
      note(true);
      closed = true;
      window.clearTimeout(retryTimer);
      if (asked) { asked.cancel(); }
      dropPlayer();
    };
    session.saveNow = function () { note(true); };
    fetch();
    return session;
  };
}(window.CT, window));
