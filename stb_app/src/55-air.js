/* Watching one channel: live, paused, rewound. Live is live_url; any other instant is live_url and '&utc=', a list
   that grows from there, or, for a player that only plays behind the edge of a list, live so many seconds late.
   Whatever fails is tried again; a dead address is asked for anew. */
(function (CT, window) {
  'use strict';
  var EDGE_S = 15;     // nearer to now than this is live
  var LATE_S = 30;     // the picture may lie so far behind and still be called live
  var PAUSE_S = 20;    // after a longer pause live goes on by time-shift
  var SLACK_S = 3;     // after a longer pause a player that keeps to the edge would leave some out
  var STILL_MS = 2500;
  var STALL_MS = 15000;
  var GIVE_UP = 3;     // failures until the screen says so; trying goes on

  /* tell(state): loading | playing | paused | weak (runs on from what is held) | trouble | failed | idle. */
  CT.makeAir = function (host, tell) {
    var air = { channel: null, state: 'idle', engine: null };
    var drivers = CT.players.usable();
    var player = null, from_s = null, paused_s = null, retry = null, failures = 0, movedAt = 0, lastPosition = 0;
    var box = [0, 0, 1280, 720];
    var played = false, reached_s = null, late_s = null; // late_s: so late is a list that the player keeps to the edge of

    function set(state) { air.state = state; tell(state); }
    function clock() { return new Date().getTime(); }
    function earliest() { return CT.now_s() - air.channel.window_s; }
    /* So far from the edge players begin (RFC 8216 6.3.3), less the second they take. */
    function behind_s() { return 3 * (air.channel && air.channel.target_s || 3) - 1; }

    function ready() {
      if (player || !drivers.length) { return !!player; }
      air.engine = drivers[0].name;
      player = drivers[0].make(host, onEvent);
      player.area.apply(player, box);
      return true;
    }

    /* Opens the present channel, live or from from_s on. */
    function open() {
      window.clearTimeout(retry);
      paused_s = null;
      played = false;
      reached_s = from_s;
      movedAt = clock();
      if (!air.channel.live_url || !ready()) { set('failed'); return; }
      set('loading');
      late_s = from_s === null || player.dated() ? null : Math.max(0, Math.round(CT.now_s() - from_s - behind_s()));
      if (from_s === null) { player.open(air.channel.live_url, null, true); } else if (late_s === null) {
        player.open(air.channel.live_url + '&utc=' + Math.floor(from_s), 0, true);
      } else { player.open(air.channel.live_url.replace('index.m3u8', 'timeshift_rel-' + late_s + '.m3u8'), null, true); }
    }

    /* The list of channels has a new address for one that ran out, and no entry for one that was taken away. */
    function renew() {
      CT.channels.load(function (error) {
        if (error || air.state === 'idle') { return; }
        air.channel = CT.channels.byId(air.channel.id) || air.channel;
        open();
      });
    }

    function fail(kind) {
      failures += 1;
      if (from_s !== null && reached_s) { from_s = reached_s; }
      if (player) { player.halt(); }
      if (kind === 'media' && !played && failures > 1 && drivers.length > 1) {
        drivers.shift();
        player.stop();
        player = null;
      }
      set(failures < GIVE_UP ? 'trouble' : 'failed');
      window.clearTimeout(retry);
      var soon = kind === 'expired' && failures < 2;
      retry = CT.later(kind === 'expired' || failures === 2 ? renew : open, soon ? 0 : CT.backoff(Math.min(failures - 1, 4)));
    }

    function onEvent(name, detail) {
      if (air.state === 'idle') { return; }
      if (name === 'playing') {
        played = true;
        movedAt = clock();
        paused_s = null;
        set('playing');
      } else if (name === 'paused') {
        if (air.state === 'playing' || air.state === 'weak') { paused_s = air.at(); set('paused'); }
      } else if (name === 'waiting') { if (air.state === 'playing') { set('loading'); } }
      else if (name === 'trouble') { if (air.state === 'playing') { set('weak'); } }
      else if (name === 'ended') { onEnd(); }
      else { fail(detail.kind); }
    }

    /* A list that grew for hours is over at some time: go on where it ends, or live. */
    function onEnd() {
      var at = air.at();
      from_s = CT.now_s() - at > LATE_S ? at : null;
      open();
    }

    air.tune = function (channel, epoch_s) {
      air.channel = channel;
      from_s = CT.isNumber(epoch_s) && channel.window_s > 0 ? epoch_s : null;
      failures = 0;
      if (player) { player.halt(); }
      open();
      CT.channels.watched(channel);
    };
    /* Nothing runs, but where it stood is known: for a key held down, or another screen. */
    air.halt = function () {
      if (air.state === 'idle') { return; }
      if (air.shifted()) { from_s = reached_s = air.at(); }
      played = false;
      air.state = 'idle';
      window.clearTimeout(retry);
      if (player) { player.halt(); }
    };
    /* What halted is to go on live. */
    air.forget = function () { from_s = paused_s = null; played = false; };
    air.wake = function () { if (air.state === 'idle' && air.channel) { failures = 0; open(); } };

    /* Epoch s of what is on the screen. */
    air.at = function () {
      if (paused_s !== null) { return paused_s; }
      var now = CT.now_s();
      if (!played) { return from_s === null ? now - behind_s() : reached_s; }
      if (player.date()) { return player.date(); }
      if (from_s !== null && late_s === null) { return from_s + player.position() - (player.held()[0] || 0); }
      return now - (late_s || 0) - behind_s();
    };
    air.shifted = function () { return paused_s !== null || from_s !== null || (played && CT.now_s() - air.at() > LATE_S); };
    air.reach = earliest;

    air.live = function () { air.tune(air.channel); };

    /* To an instant: within what the player holds at once, else by a list from there. */
    air.go = function (epoch_s) {
      epoch_s = Math.max(epoch_s, earliest());
      if (CT.now_s() - epoch_s < EDGE_S) {
        if (air.shifted()) { air.live(); }
        return;
      }
      var held = player && played ? player.held() : [0, 0];
      var s = player && played ? player.positionOf(epoch_s) : null;
      if (s === null && from_s !== null && late_s === null) { s = held[0] + epoch_s - from_s; }
      if (s !== null && s > held[0] + (from_s === null ? EDGE_S : -1) && s < held[1]) {
        movedAt = clock();
        player.seek(s);
        paused_s = null;
        player.resume();
        return;
      }
      from_s = epoch_s;
      open();
    };

    air.pause = function () {
      if (air.state !== 'playing' && air.state !== 'weak') { return; }
      paused_s = air.at();
      player.pause();
      set('paused');
    };
    air.resume = function () {
      if (paused_s === null) { return; }
      var at = paused_s;
      var lost_s = CT.now_s() - at - (player.dated() ? PAUSE_S : (late_s || 0) + behind_s() + SLACK_S);
      if (lost_s > 0 && (from_s === null || late_s !== null)) {
        from_s = air.channel.window_s > 0 ? Math.max(at, earliest()) : null;
        open();
        return;
      }
      paused_s = null;
      set('loading');
      movedAt = clock();
      player.resume();
    };

    /* Called every second: a picture that stands still without being asked to is opened again. */
    air.tick = function () {
      if (!player || air.state === 'idle' || air.state === 'paused' || air.state === 'trouble' || air.state === 'failed') { return; }
      var p = player.position();
      if (p !== lastPosition && played) {
        lastPosition = p;
        movedAt = clock();
        if (from_s !== null) { reached_s = air.at(); }
        if (air.state === 'loading') { set('playing'); }
        if (failures && air.state === 'playing') { failures = 0; }
        return;
      }
      var still_ms = Math.abs(clock() - movedAt);
      if (still_ms > STILL_MS && player.asking()) { set('trouble'); } // a picture that stands is better than none
      else if (still_ms > STALL_MS) { movedAt = clock(); fail('network'); }
    };
    /* Where the picture stands, in design px. */
    air.area = function (l, t, w, h) {
      box = [l, t, w, h];
      if (player) { player.area(l, t, w, h); }
    };
    air.close = function () {
      air.state = 'idle';
      window.clearTimeout(retry);
      if (player) { player.stop(); }
      player = null;
    };
    return air;
  };
}(window.CT, window));
