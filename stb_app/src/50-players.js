/* Players behind one small interface, so that a screen never knows which box it is on.
   A driver: {name, probe() -> bool, make(host, emit) -> player, prepare() (optional: fetch early)}.
   A player: open(url, at_s, growing) where at_s null means the live edge, halt() (ready for the next open), pause(),
   resume(), seek(s), position() and duration() in s (0 when unknown), held() -> [s, s] it can jump within at once,
   date() -> epoch s of the picture (0 when unknown), positionOf(epoch s) -> s or null, dated() -> whether it opens a
   growing list where it is told (else it always plays behind the edge), asking() -> whether it lacks what comes next
   and asks for it again by itself, stop(), area(l, t, w, h) in design px. It emits: playing, paused, waiting, ended,
   trouble (it goes on trying by itself), error {kind: expired|network|media}. Times are numbers here whatever the box gives. */
(function (CT, window) {
  'use strict';
  var drivers = [];

  CT.players = {
    /* Among several the one added first is tried first; one built into the box goes before them all. */
    add: function (driver, first) { drivers[first ? 'unshift' : 'push'](driver); },

    /* A code by which a box reports of its player instead of a key; true when it was one (src/box/ takes this over). */
    event: function () { return false; },

    /* volup, voldown, mute: true when the box's player took it. */
    volume: function () { return false; },

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

  /* Some browsers refuse sound before the first key: the picture begins mute, the next key gives it its voice. */
  function unmuteOnKey(video) {
    function loud() {
      video.muted = false;
      window.document.removeEventListener('keydown', loud, true);
    }
    video.muted = true;
    window.document.addEventListener('keydown', loud, true);
  }

  /* What native HLS and hls.js share: a <video> element. source: attach(video, url, at_s, play, say, growing),
     detach(video), onVideoError(code, say); and date(video), positionOf(video, epoch), asking() where it can tell. */
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

    function refused(error) {
      if (error && error.name === 'NotAllowedError' && !video.muted) {
        unmuteOnKey(video);
        play();
      } else if (video.paused) { say('paused'); }
    }

    function play() {
      var promise = null;
      try { promise = video.play(); } catch (e) { say('paused'); }
      if (promise && promise.then) { promise.then(null, CT.guard(refused)); }
    }

    function halt() {
      try { source.detach(video); } catch (e) { CT.lastError = String(e); }
    }

    return {
      open: function (url, at_s, growing) { source.attach(video, url, at_s, play, say, growing); },
      halt: halt,
      pause: function () { video.pause(); },
      resume: play,
      seek: function (s) {
        try { video.currentTime = s; } catch (e) { say('error', { kind: 'media' }); }
      },
      position: function () { return finite(video.currentTime); },
      duration: function () { return finite(video.duration); },
      held: function () {
        var range = video.seekable;
        return range && range.length ? [range.start(0), range.end(range.length - 1)] : [0, 0];
      },
      date: function () { return source.date && finite(source.date(video)) || 0; },
      dated: function () { return !source.dated || source.dated(video); },
      asking: function () { return !!source.asking && source.asking(); },
      positionOf: function (epoch_s) { return source.positionOf ? source.positionOf(video, epoch_s) : null; },
      stop: function () {
        over = true;
        halt();
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
}(window.CT, window));
