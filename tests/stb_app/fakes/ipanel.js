/* An iPanel 3.0 box: one player for all, codes instead of events, a seek that wants hh:mm:ss (or, FAKE.seek, seconds). */
(function () {
  var FAKE = window.FAKE, ready = false;
  var decoder = FAKE.decoder(function (what) {
    post({ loaded: 5202, failed: 5203, ended: 5210 }[what]);
    if (what === 'loaded') { ready = true; }
  });
  function post(code) { FAKE.later(code, function () { FAKE.send(code); }); }

  window.iPanel = { debug: function () {} };
  window.DVB = { stopAV: function () { FAKE.log.push('cable off'); } };
  window.media = {
    AV: {
      open: function (url, kind) { FAKE.log.push('open ' + kind); FAKE.url = url; ready = false; decoder.load(url); },
      play: function () {
        if (!ready) { return; }
        FAKE.log.push('play');
        decoder.play();
        post(5205);
      },
      pause: function () { FAKE.log.push('pause'); decoder.pause(); },
      stop: function () { decoder.pause(); },
      close: function () { FAKE.log.push('close'); ready = false; decoder.unload(); FAKE.visible = null; },
      seek: function (to) {
        FAKE.log.push('seek ' + to);
        var p = String(to).split(':');
        if (FAKE.seek === 'seconds' ? p.length === 1 : p.length === 3) { decoder.seek(p.reduce(function (s, x) { return s * 60 + +x; }, 0)); }
      },
      get elapsed() { return ready ? FAKE.time(decoder.at()) : undefined; },
      get duration() { return ready ? FAKE.time(decoder.duration()) : undefined; }
    },
    video: {
      setPosition: function (l, t, w, h) { FAKE.visible = [l, t, w, h]; },
      fullScreen: function () { FAKE.visible = 'full'; }
    }
  };
}());
