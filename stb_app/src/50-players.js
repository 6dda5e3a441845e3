/* Players behind one small interface, so that a screen never knows which box it is on.
   A driver: {name, probe() -> bool, make(host, emit) -> player}.
   A player: open(url, at_s), pause(), resume(), seek(s), position() and duration() in s (0 when unknown),
   stop(), area(l, t, w, h) in design px. It emits: playing, paused, waiting, ended,
   error {kind: expired|network|media}. Times are numbers here whatever the box gives. */
(function (CT, window) {
  'use strict';
  var drivers = [];

  CT.players = {
    add: function (driver) { drivers.push(driver); },

    /* Drivers that say they can play here, best first; #player=<name> narrows it. */
    usable: function () {
      var wanted = CT.option('player');
      return drivers.filter(function (driver) {
        try { return (!wanted || driver.name === wanted) && driver.probe(); } catch (e) { return false; }
      });
    }
  };

  function finite(value) {
    value = +value; // strings and NaN before the media is known
    return isFinite(value) && value > 0 ? value : 0;
  }

  /* What native HLS and hls.js share: a <video> element. attach(video, url, at_s) starts the loading. */
  CT.videoPlayer = function (host, emit, source) {
    var video = CT.el('video', 'video', host);
    var over = false;
    var say = CT.guard(function (name, detail) { if (!over) { emit(name, detail); } });

    function on(event, work) { video.addEventListener(event, CT.guard(work), false); }
    on('playing', function () { say('playing'); });
    on('pause', function () { if (!video.ended) { say('paused'); } });
    on('waiting', function () { say('waiting'); });
    on('ended', function () { say('ended'); });
    on('error', function () {
      var code = video.error && video.error.code;
      if (code) { source.onVideoError(code, say); }
    });

    function play() {
      var promise = null;
      try { promise = video.play(); } catch (e) { say('paused'); }
      if (promise && promise.then) { promise.then(null, function () { if (video.paused) { say('paused'); } }); }
    }

    return {
      open: function (url, at_s) { source.attach(video, url, at_s, play, say); },
      pause: function () { video.pause(); },
      resume: play,
      seek: function (s) {
        try { video.currentTime = s; } catch (e) { say('error', { kind: 'media' }); }
      },
      position: function () { return finite(video.currentTime); },
      duration: function () { return finite(video.duration); },
      stop: function () {
        over = true;
        try { source.detach(video); } catch (e) { CT.lastError = String(e); }
        CT.remove(video);
      },
      area: function (l, t, w, h) {
        video.style.left = CT.u(l);
        video.style.top = CT.u(t);
        video.style.width = CT.u(w);
        video.style.height = CT.u(h);
      }
    };
  };

  /* Loads a script of ours once; done(ok). */
  var loaded = {};
  CT.loadScript = function (url, done) {
    if (loaded[url]) { done(true); return; }
    var script = window.document.createElement('script');
    script.onload = CT.guard(function () { loaded[url] = true; done(true); });
    script.onerror = CT.guard(function () { CT.remove(script); done(false); });
    script.src = url;
    window.document.body.appendChild(script);
  };
}(window.CT, window));
