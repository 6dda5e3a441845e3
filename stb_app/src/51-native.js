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

  function make(host, emit) {
    var dropMeta = null;
    return CT.videoPlayer(host, emit, {
      attach: function (video, url, at_s, play) {
        if (dropMeta) { dropMeta(); }
        /* The position can only be set once the duration is known. */
        var meta = CT.guard(function () {
          dropMeta();
          if (at_s > 0) { video.currentTime = at_s; }
        });
        dropMeta = function () { video.removeEventListener('loadedmetadata', meta, false); };
        video.addEventListener('loadedmetadata', meta, false);
        video.src = url;
        video.load();
        play();
      },
      detach: function (video) {
        dropMeta();
        video.pause();
        video.removeAttribute('src');
        video.load();
      },
      /* The element hides the HTTP status: an address that ran out looks like any failure of the source. */
      onVideoError: function (code, say) { say('error', { kind: code === NETWORK ? 'network' : 'media' }); }
    });
  }

  CT.players.add({ name: 'native', probe: probe, make: make });
}(window.CT, window));
