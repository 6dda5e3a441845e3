/* iPanel 3.0: one player for the whole box, media.AV, and its picture, media.video. What it reports are key codes. */
(function (CT, window) {
  'use strict';
  var READY = 5202, PLAYING = 5205, END = 5210;
  var FAILED = [5203, 5206, 5221];
  var PATIENCE_MS = 3000; // a report that it is ready may get lost: it is told to play then

  function makeFamily(tell) {
    var av = window.media.AV, ready = null;

    /* A picture of the cable lies on the same plane. */
    function clearCable() { if (CT.exists('DVB') && window.DVB.stopAV) { window.DVB.stopAV(0); } }

    return {
      start: function (url) {
        clearCable();
        window.clearTimeout(ready);
        ready = CT.later(function () { av.play(); }, PATIENCE_MS);
        av.open(url, /^rtsp:/.test(url) ? 'VOD' : 'HTTP');
      },
      hear: function (code) {
        if (FAILED.indexOf(code) >= 0) { tell.failed(''); return; }
        if (code === READY && ready !== null) { window.clearTimeout(ready); ready = null; av.play(); }
        else if (code === PLAYING) { tell.begun(); }
        else if (code === END) { tell.ended(); }
      },
      close: function () {
        window.clearTimeout(ready);
        ready = null;
        av.stop();
        av.close();
      },
      free: function () {},
      pause: function () { av.pause(); },
      resume: function () { av.play(); },
      /* Most want hh:mm:ss, some a number of seconds. */
      seek: function (s) { av.seek(CT.boxHours(s)); },
      again: function (s) { av.seek(Math.floor(s)); },
      position: function () { return av.elapsed; },
      duration: function () { return av.duration; },
      area: function (px, full) {
        if (full && window.media.video.fullScreen) { window.media.video.fullScreen(); } else {
          window.media.video.setPosition(px[0], px[1], px[2], px[3]);
        }
      }
    };
  }

  CT.boxed.ipanel = function (emit) {
    CT.hearBox([READY, PLAYING, END].concat(FAILED));
    return CT.makeBoxPlayer(emit, makeFamily);
  };
}(window.CT, window));
