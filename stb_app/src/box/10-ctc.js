/* The MediaPlayer of CTC/CU IPTV boxes (Huawei EC6108, ZTE B700/B860 …). Its reports come as key 768, each a piece of
   loose JSON to be fetched by Utility.getEvent(). HLS is a single medium; igmp:// and rtp:// are channels of the
   operator: 'igmp://239.1.1.1:5140#12' is joined as number 12, and rewound by the operator's own time shift. */
(function (CT, window) {
  'use strict';
  var REPORT = 768;
  var INSTANCES = 8;   // tried where the box does not name one that is free
  var QUEUED = 20;     // reports in one go: some boxes repeat the last one for ever
  var BY_TIME = 1, BY_CLOCK = 2, NORMAL_SPEED = 1;
  var RUN_OUT = { 403: 1, 410: 1 }; // as error_code, by boxes that hand on what the server answered
  var opened = 0;

  function field(text, name) {
    var found = new RegExp(name + '[\'"]?\\s*:\\s*[\'"]?([\\w.-]+)').exec(text);
    return found ? found[1] : '';
  }

  /* The reports that wait, as texts, oldest first. */
  function reports() {
    var all = [], before = '';
    for (var i = 0; i < QUEUED; i += 1) {
      var text = String(window.Utility.getEvent() || '');
      if (!text || text === before || text === 'null' || text === 'undefined') { break; }
      all = all.concat(text.split('}'));
      before = text;
    }
    return all;
  }

  function single(url, entry) {
    return '[{mediaUrl:' + JSON.stringify(url) + ',mediaCode:"' + entry + '",mediaType:2,audioType:1,videoType:1,streamType:1,' +
      'drmType:1,fingerPrint:0,copyProtection:1,allowTrickmode:1,startTime:0,endTime:20000,entryID:"' + entry + '"}]';
  }

  function makeFamily(tell) {
    var mp = new window.MediaPlayer();
    var bound = -1, joined = false, shift_s = 0, entry = '';

    function optional(method, value) { if (mp[method]) { mp[method](value); } }

    function bind() {
      var own = mp.getNativePlayerInstanceID ? +mp.getNativePlayerInstanceID() : NaN;
      for (var n = -1; n < INSTANCES && bound < 0; n += 1) {
        var id = n < 0 ? own : n;
        if (id >= 0 && +mp.bindNativePlayerInstance(id) === 0) { bound = id; }
      }
      if (bound < 0) { return false; }
      // id, single medium, full screen, height, width, left, top, sound on, none of the box's own displays …
      mp.initMediaPlayer(bound, 0, 1, 720, 1280, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      ['setNativeUIFlag', 'setProgressBarUIFlag', 'setChannelNoUIFlag', 'setAudioTrackUIFlag'].forEach(function (flag) {
        optional(flag, 0);
      });
      return true;
    }

    function play(url) {
      var shifted = /[?&]utc=(\d+)/.exec(url), channel = /#(\d+)/.exec(url);
      joined = /^(igmp|rtp):/.test(url);
      shift_s = joined && shifted ? +shifted[1] : 0;
      if (joined && channel) { return +mp.joinChannel(+channel[1]) < 0 ? 'network' : ''; }
      mp.setSingleMedia(single(joined ? url.replace(/[?&]utc=\d+/, '') : url, entry));
      mp.playFromStart();
      return '';
    }

    function onReport(text) {
      var type = /EVENT_[A-Z_]+/.exec(text);
      var of = field(text, 'entry_?i[dD]'), instance = field(text, 'instance_id');
      if (!type || (of && of !== entry) || (instance && +instance !== bound)) { return; }
      if (type[0] === 'EVENT_MEDIA_BEGINING' || type[0] === 'EVENT_FIRST_I_FRAME') { tell.begun(); }
      else if (type[0] === 'EVENT_MEDIA_END') { tell.ended(); }
      else if (type[0] === 'EVENT_MEDIA_ERROR') { tell.failed(RUN_OUT[field(text, 'error_code')] ? 'expired' : ''); }
      else if (type[0] === 'EVENT_PLAYMODE_CHANGE') {
        ({ 1: tell.paused, 2: tell.begun, 4: tell.waiting }[field(text, 'new_play_mode')] || function () {})();
      }
    }

    return {
      start: function (url) {
        if (bound < 0 && !bind()) { return 'media'; }
        reports(); // what still waits is of the former picture
        opened += 1;
        entry = 'ct' + opened;
        return play(url);
      },
      begun: function () { if (shift_s) { mp.playByTime(BY_CLOCK, CT.boxStamp(shift_s), NORMAL_SPEED); } },
      hear: function () { reports().forEach(onReport); },
      close: function () { if (joined) { mp.leaveChannel(); } else { mp.stop(); } },
      free: function () {
        if (bound >= 0) { mp.stop(); optional('releaseMediaPlayer', bound); }
        bound = -1;
      },
      pause: function () { mp.pause(); },
      resume: function () { mp.resume(); },
      seek: function (s) { mp.playByTime(BY_TIME, Math.floor(s), NORMAL_SPEED); },
      position: function () { return mp.getCurrentPlayTime(); },
      duration: function () { return mp.getMediaDuration(); },
      date: function () { return joined ? CT.boxClock(mp.getCurrentPlayTime()) : 0; },
      dated: function () { return joined; },
      /* The volume is the page's business on these boxes. */
      volume: function (step) {
        if (bound < 0 || !mp.setVolume) { return undefined; }
        var mute = !step && +mp.getMuteFlag() !== 1;
        var loud = CT.clamp(CT.boxNumber(mp.getVolume()) + step, 0, 100);
        mp.setMuteFlag(mute ? 1 : 0);
        mp.setVolume(loud);
        return mute ? 0 : loud;
      },
      area: function (px, full) {
        mp.setVideoDisplayArea(px[0], px[1], px[2], px[3]);
        mp.setVideoDisplayMode(full ? 1 : 0);
        mp.refreshVideoDisplay();
      }
    };
  }

  CT.boxed.ctc = function (emit) {
    CT.hearBox([REPORT]);
    return CT.makeBoxPlayer(emit, makeFamily);
  };
}(window.CT, window));
