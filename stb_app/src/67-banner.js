/* When the foot of the live picture shows, what it says, and that it goes by itself. */
(function (CT, window) {
  'use strict';
  var SHOWN_MS = 4000;

  /* live: {air, channel(), target() -> epoch s being chosen or null, stays() -> bool, hushed() -> bool, freshened()} */
  CT.makeBanner = function (parent, live) {
    var bar = CT.makeAirbar(parent);
    var shown = false, timer = null;
    var air = live.air;

    function tag(shifted) {
      if (live.target() !== null) { return '跳到'; }
      return air.state === 'paused' ? '已暂停' : shifted ? '时移' : '直播';
    }
    function hint(shifted) {
      if (live.target() !== null) { return '按 OK 键跳到这里'; }
      if (air.state === 'paused') { return 'OK 键继续，返回键回到直播'; }
      return shifted ? 'OK 键暂停，返回键回到直播' : live.channel().window_s > 0 ? 'OK 键选台，左键倒回' : 'OK 键选台';
    }

    function draw() {
      var edge = CT.now_s(), target = live.target(), c = live.channel();
      var shifted = target !== null || air.shifted();
      var t = target !== null ? target : shifted ? air.at() : edge;
      bar.draw({ channel: c, programme: CT.channels.programme(c.id, t), next: CT.channels.following(c.id, t + 1),
        at: t, edge: edge, shifted: shifted, tag: tag(shifted), hint: hint(shifted) });
      if (shifted) { CT.channels.around(c.id, t, banner.refresh); }
    }

    function moving() { return air.state === 'playing' || air.state === 'weak'; }

    var banner = {
      shown: function () { return shown; },
      refresh: function () { if (shown && live.channel()) { draw(); } },
      /* Shows it; it goes by itself once the picture runs, unless a place is being chosen. */
      show: function () {
        if (!live.channel() || live.hushed()) { return; }
        if (!shown) { shown = true; bar.show(true); }
        draw();
        CT.channels.freshen(live.freshened);
        window.clearTimeout(timer);
        timer = CT.later(function () { if (live.target() === null && moving() && !live.stays()) { banner.hide(); } }, SHOWN_MS);
      },
      hide: function () {
        window.clearTimeout(timer);
        shown = false;
        bar.show(false);
      }
    };
    return banner;
  };
}(window.CT, window));
