/* The other MediaPlayer, of iPanel "advance" and NGB boxes: an address is set, found valid, then played; what it reports
   are key codes. Its picture is placed by a Rectangle and moves on refresh(). */
(function (CT, window) {
  'use strict';
  var VALID = 13001, INVALID = 13002, PLAYING = 13003, FAILED = 13004;
  var SEEK_FAILED = 13008, PAUSED = 13009, RESUMED = 13011;
  var ENDS = [5210, 10901];
  var PATIENCE_MS = 3000; // as with iPanel: the report may get lost
  var INSTANCES = 4;
  var KEEP_PICTURE = 1, BLACK = 0;

  function makeFamily(tell) {
    var mp = new window.MediaPlayer();
    var bound = null, valid = null;

    function optional(method, value) { if (mp[method]) { mp[method](value); } }

    /* Boxes answer 0, true or nothing when it went well. */
    function taken(answer) { return answer !== false && !(answer < 0) && !(answer > 0 && answer !== true); }
    function bind() {
      var own = mp.getPlayerInstanceID ? +mp.getPlayerInstanceID() : 0;
      for (var n = 0; n < INSTANCES && bound === null; n += 1) {
        if (!mp.bindPlayerInstance || taken(mp.bindPlayerInstance((own || 0) + n))) { bound = (own || 0) + n; }
      }
      return bound !== null;
    }

    function play() {
      window.clearTimeout(valid);
      valid = null;
      mp.play();
    }

    function rectangle(px) {
      var r = CT.exists('Rectangle') ? new window.Rectangle() : {};
      r.left = px[0];
      r.top = px[1];
      r.width = px[2];
      r.height = px[3];
      return r;
    }

    return {
      start: function (url) {
        if (bound === null && !bind()) { return 'media'; }
        window.clearTimeout(valid);
        valid = CT.later(play, PATIENCE_MS);
        mp.setMediaSource(url);
        return '';
      },
      hear: function (code) {
        if (code === VALID && valid !== null) { play(); }
        else if (code === INVALID || code === FAILED) { tell.failed(''); }
        else if (code === PLAYING || code === RESUMED) { tell.begun(); }
        else if (code === PAUSED) { tell.paused(); }
        else if (ENDS.indexOf(code) >= 0) { tell.ended(); }
      },
      close: function () {
        window.clearTimeout(valid);
        valid = null;
        optional('setPauseMode', BLACK);
        mp.stop();
      },
      free: function () {
        if (bound !== null) { optional(mp.unbindPlayerInstance ? 'unbindPlayerInstance' : 'unBindPlayerInstance', bound); }
        bound = null;
      },
      pause: function () {
        optional('enableTrickMode', 1);
        optional('setPauseMode', KEEP_PICTURE);
        mp.pause();
      },
      resume: function () { mp.resume(); },
      seek: function (s) {
        optional('enableTrickMode', 1);
        mp.seek(1, Math.floor(s));
      },
      again: function (s) { mp.seek(1, CT.boxHours(s)); },
      position: function () { return mp.getCurrentPlayTime(); },
      duration: function () { return mp.getMediaDuration(); },
      area: function (px, full) {
        mp.setVideoDisplayMode(full ? 1 : 0);
        mp.setVideoDisplayArea(rectangle(px));
        mp.refresh();
      }
    };
  }

  CT.boxed.advance = function (emit) {
    CT.hearBox([VALID, INVALID, PLAYING, FAILED, SEEK_FAILED, PAUSED, RESUMED, 13005, 13006, 13007, 13010, 13012, 13013, 13014].concat(ENDS));
    return CT.makeBoxPlayer(emit, makeFamily);
  };
}(window.CT, window));
