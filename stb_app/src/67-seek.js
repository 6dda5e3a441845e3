/* A place in time being chosen on live television: steps gather, the picture goes there a moment after the last. */
(function (CT, window) {
  'use strict';
  var COMMIT_MS = 1200;

  /* live: {air, channel(), show() the banner} */
  CT.makeSeek = function (live) {
    var air = live.air, target = null, timer = null;
    var seek = {
      /* Epoch s being chosen, or null. */
      target: function () { return target; },
      drop: function () {
        window.clearTimeout(timer);
        target = null;
      },
      commit: function () {
        var to = target;
        seek.drop();
        if (to === null) { return; }
        air.go(to);
        live.show();
      },
      by: function (seconds) {
        if (!(live.channel().window_s > 0)) { CT.note('这个频道不能倒回'); return; }
        if (seconds > 0 && target === null && !air.shifted()) { live.show(); CT.bump(); return; }
        target = CT.clamp((target === null ? air.at() : target) + seconds, air.reach(), CT.now_s());
        live.show();
        window.clearTimeout(timer);
        timer = CT.later(seek.commit, COMMIT_MS);
      },
      startOver: function () {
        var programme = CT.channels.programme(live.channel().id, air.at());
        if (!(live.channel().window_s > 0) || !programme) { CT.note('这个节目现在不能从头看'); return; }
        air.go(programme.start);
        live.show();
      }
    };
    return seek;
  };
}(window.CT, window));
