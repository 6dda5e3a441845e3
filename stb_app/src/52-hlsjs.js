/* HLS through Media Source by hls.js, fetched only when <video> cannot do it alone. */
(function (CT, window) {
  'use strict';
  var MODERN = 'vendor/hls.light-1.7.4.min.js';    // needs Promise and Map
  var OLD = 'vendor/hls.light-0.14.17.min.js';     // ES3 syntax, no Promise
  var BUFFER_S = 30; // boxes have little memory
  var LIVE_BUFFER_S = 12;
  var EDGE_TARGETS = 2; // start so many target durations behind the edge: the first picture comes sooner

  function isModern() { return CT.exists('Promise') && CT.exists('Map'); }
  function script() { return isModern() ? MODERN : OLD; }

  function came() { return window.Hls; }

  function probe() {
    var source = window[CT.exists('MediaSource') ? 'MediaSource' : 'WebKitMediaSource'];
    return !!(source && source.isTypeSupported && source.isTypeSupported('video/mp4; codecs="avc1.42E01E,mp4a.40.2"'));
  }

  function settings(at_s, modern) {
    var live = at_s === null;
    var config = { startPosition: live ? -1 : Math.max(0, at_s), maxBufferLength: live ? LIVE_BUFFER_S : BUFFER_S,
      maxMaxBufferLength: BUFFER_S, enableWorker: modern, capLevelToPlayerSize: false,
      liveSyncDurationCount: EDGE_TARGETS, startFragPrefetch: true };
    config[modern ? 'backBufferLength' : 'liveBackBufferLength'] = BUFFER_S;
    return config;
  }

  /* hls.js's faults as ours: an expired address first, then network, then media. */
  function kindOf(hlsError) {
    var status = hlsError.response && hlsError.response.code;
    if (status === 403 || status === 410) { return 'expired'; }
    return hlsError.type === 'networkError' ? 'network' : 'media';
  }

  /* A server that has thought about it and will say the same again. */
  function isRefused(hlsError) {
    var status = hlsError.response && hlsError.response.code;
    return status >= 400 && status < 500;
  }

  /* The last fragment whose `key` is not above value, by halving; null before the first. */
  function lastAt(fragments, key, value) {
    var low = 0, high = fragments.length;
    while (low < high) {
      var middle = (low + high) >> 1;
      if (fragments[middle][key] <= value) { low = middle + 1; } else { high = middle; }
    }
    return low ? fragments[low - 1] : null;
  }

  function make(host, emit) {
    var hls = null, opening = 0, mended = false, played = false, fragments = [], again = null, fails = 0;
    var lacking = false; // what comes next could not be fetched yet

    function drop() {
      window.clearTimeout(again);
      fragments = [];
      if (hls) { hls.destroy(); }
      hls = null;
    }

    /* The picture runs on from what is held, then stands, while the server is asked again and again. */
    function goOn(say) {
      var mine = hls;
      fails += 1;
      say('trouble');
      again = CT.later(function () { if (hls === mine) { mine.startLoad(); } }, CT.backoff(fails - 1));
    }

    function onError(say, data, growing) {
      var kind = kindOf(data);
      if (kind === 'expired') { drop(); say('error', { kind: kind }); return; }
      lacking = lacking || kind === 'network' && played;
      if (!data.fatal) { return; }
      if (kind === 'network' && played && (growing || !isRefused(data))) { goOn(say); return; }
      if (kind === 'media' && !mended) { mended = true; hls.recoverMediaError(); return; }
      drop();
      say('error', { kind: kind });
    }

    function start(video, url, at_s, play, say, growing) {
      hls = new window.Hls(settings(at_s, isModern()));
      hls.on('hlsError', CT.guard(function (name, data) { onError(say, data, growing); }));
      hls.on('hlsManifestParsed', CT.guard(play));
      hls.on('hlsLevelUpdated', CT.guard(function (name, data) { fragments = data.details.fragments; }));
      hls.on('hlsFragBuffered', CT.guard(function () {
        if (lacking && !video.paused) { say('playing'); }
        played = true;
        lacking = false;
        fails = 0;
      }));
      hls.loadSource(url);
      hls.attachMedia(video);
    }

    return CT.videoPlayer(host, emit, {
      attach: function (video, url, at_s, play, say, growing) {
        var mine = opening += 1;
        drop();
        mended = played = lacking = false;
        fails = 0;
        CT.loadScript(script(), function (ok) {
          if (mine !== opening) { return; }
          if (!ok) { CT.orAnew(); }
          if (!ok || !window.Hls || !window.Hls.isSupported()) { say('error', { kind: ok ? 'media' : 'network' }); return; }
          start(video, url, at_s, play, say, growing);
        }, came);
      },
      detach: function (video) { opening += 1; video.pause(); drop(); },
      date: function (video) {
        var f = lastAt(fragments, 'start', video.currentTime);
        return f && f.programDateTime ? f.programDateTime / 1000 + video.currentTime - f.start : 0;
      },
      positionOf: function (video, epoch_s) {
        var f = lastAt(fragments, 'programDateTime', epoch_s * 1000);
        return f && f.programDateTime ? f.start + Math.min(epoch_s - f.programDateTime / 1000, f.duration) : null;
      },
      asking: function () { return lacking; },
      onVideoError: function () { /* hls.js reports it itself */ }
    });
  }

  CT.players.add({ name: 'hlsjs', probe: probe, make: make, prepare: function () { CT.loadScript(script(), function () {}, came); } });
}(window.CT, window));
