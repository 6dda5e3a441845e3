/* Native HLS in <video>: the first choice, because boxes may report Media Source falsely. */
(function (CT, window) {
  'use strict';
  var HLS_TYPES = ['application/vnd.apple.mpegurl', 'application/x-mpegURL'];
  var NETWORK = 2;

  function probe() {
    var video = window.document.createElement('video');
    if (!video.canPlayType) { return false; }
    return HLS_TYPES.some(function (type) { return /maybe|probably/.test(video.canPlayType(type)); });
  }

  /* WebKit's getStartDate; where it can never know (QtWebKit) it gives null, where not yet a date that is none. */
  function start(video) { return video.getStartDate ? video.getStartDate() : null; }

  /* Epoch s of position 0, where the engine tells it, else NaN. */
  function zero_s(video) {
    var date = start(video);
    return date ? date.getTime() / 1000 : NaN;
  }

  function make(host, emit) {
    var dropMeta = null;
    return CT.videoPlayer(host, emit, {
      attach: function (video, url, at_s, play, say, growing) {
        if (dropMeta) { dropMeta(); }
        /* The position can only be set once the duration is known. A growing list opens at its edge unless told. */
        var meta = CT.guard(function () {
          dropMeta();
          if (at_s > 0 || (at_s === 0 && growing)) { video.currentTime = at_s; }
        });
        dropMeta = function () { video.removeEventListener('loadedmetadata', meta, false); };
        video.addEventListener('loadedmetadata', meta, false);
        video.src = url;
        video.load();
        play();
      },
      detach: function (video) {
        if (dropMeta) { dropMeta(); }
        video.pause();
        video.removeAttribute('src');
        video.load();
      },
      /* Engines that know the date of a list also seek in it; the others play every list that grows at its edge. */
      dated: function (video) { return !!start(video); },
      date: function (video) { return zero_s(video) + video.currentTime; },
      positionOf: function (video, epoch_s) {
        var s = epoch_s - zero_s(video);
        return isFinite(s) ? s : null;
      },
      /* The element hides the HTTP status: an address that ran out looks like any failure of the source. */
      onVideoError: function (code, say) { say('error', { kind: code === NETWORK ? 'network' : 'media' }); }
    });
  }

  CT.players.add({ name: 'native', probe: probe, make: make });
}(window.CT, window));
