/* HLS through Media Source by hls.js, fetched only when a film is to be played and <video> cannot do it alone. */
(function (CT, window) {
  'use strict';
  var MODERN = 'vendor/hls.light-1.7.4.min.js';    // needs Promise and Map
  var OLD = 'vendor/hls.light-0.14.17.min.js';     // ES3 syntax, no Promise
  var BUFFER_S = 30; // boxes have little memory

  function isModern() { return CT.exists('Promise') && CT.exists('Map'); }

  function probe() {
    var source = window[CT.exists('MediaSource') ? 'MediaSource' : 'WebKitMediaSource'];
    return !!(source && source.isTypeSupported && source.isTypeSupported('video/mp4; codecs="avc1.42E01E,mp4a.40.2"'));
  }

  function settings(at_s, modern) {
    var config = { startPosition: at_s > 0 ? at_s : 0, maxBufferLength: BUFFER_S, maxMaxBufferLength: BUFFER_S,
      enableWorker: modern, capLevelToPlayerSize: false };
    return config;
  }

  /* hls.js's faults as ours: an expired address first, then network, then media. */
  function kindOf(hlsError) {
    var status = hlsError.response && hlsError.response.code;
    if (status === 403 || status === 410) { return 'expired'; }
    return hlsError.type === 'networkError' ? 'network' : 'media';
  }

  function make(host, emit) {
    var hls = null;
    var stopped = false;
    var mended = false;

    function drop() {
      if (hls) { hls.destroy(); }
      hls = null;
    }

    function onError(say, data) {
      var kind = kindOf(data);
      if (kind === 'expired') { drop(); say('error', { kind: kind }); return; }
      if (!data.fatal) { return; }
      if (kind === 'media' && !mended) { mended = true; hls.recoverMediaError(); return; }
      drop();
      say('error', { kind: kind });
    }

    function start(video, url, at_s, play, say) {
      drop();
      hls = new window.Hls(settings(at_s, isModern()));
      hls.on('hlsError', CT.guard(function (name, data) { onError(say, data); }));
      hls.on('hlsManifestParsed', CT.guard(play));
      hls.loadSource(url);
      hls.attachMedia(video);
    }

    return CT.videoPlayer(host, emit, {
      attach: function (video, url, at_s, play, say) {
        CT.loadScript(isModern() ? MODERN : OLD, function (ok) {
          if (stopped) { return; }
          if (!ok || !window.Hls || !window.Hls.isSupported()) { say('error', { kind: ok ? 'media' : 'network' }); return; }
          start(video, url, at_s, play, say);
        });
      },
      detach: function (video) { stopped = true; video.pause(); drop(); },
      onVideoError: function () { /* hls.js reports it itself */ }
    });
  }

  CT.players.add({ name: 'hlsjs', probe: probe, make: make });
}(window.CT, window));
