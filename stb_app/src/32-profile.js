/* Which remote and which tier this box is: by its user agent and by what exists (typeof), never by trying keys. */
(function (CT, window) {
  'use strict';
  var MEDIA_KEYS = ['MediaPlay', 'MediaPause', 'MediaPlayPause', 'MediaStop', 'MediaFastForward', 'MediaRewind',
    'ColorF0Red', 'ColorF1Green', 'ColorF2Yellow', 'ColorF3Blue', 'ChannelUp', 'ChannelDown', 'Info', 'Guide', 'PreviousChannel',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

  var has = CT.exists;

  function isCtc(ua) {
    var auth = has('Authentication') && window.Authentication;
    if (auth && ('CTCGetConfig' in auth || 'CUGetConfig' in auth)) { return true; }
    return has('Utility') && has('MediaPlayer') || /EC6108|EC6109|B700|B760|B860|CTC|iTVHTML|IPTV/i.test(ua);
  }

  /* Order matters: an iPanel box also says Android, an LG set in HbbTV mode also says Web0S. */
  var RULES = [
    ['advance', function (ua) { return /advance/i.test(ua); }],
    ['ipanel', function (ua) { return /iPanel/i.test(ua) || has('iPanel'); }],
    ['hbbtv', function (ua) { return /HbbTV\//.test(ua) || has('oipfObjectFactory'); }],
    ['tizen', function (ua) { return /Tizen/.test(ua) || has('tizen'); }],
    ['webos', function (ua) { return /Web0S|webOS/.test(ua) || has('PalmSystem') || has('webOS'); }],
    ['ctc', isCtc],
    ['android', function (ua) { return /Android/.test(ua); }]
  ];

  /* The name of the key profile for a user agent; 'desktop' where nothing speaks up. */
  CT.pickProfile = function (ua) {
    var forced = CT.option('keys');
    if (forced && CT.has(CT.keymaps, forced)) { return forced; }
    for (var i = 0; i < RULES.length; i += 1) {
      if (RULES[i][1](ua)) { return RULES[i][0]; }
    }
    return 'desktop';
  };

  /* Tier B (WebKit 533–535, Chrome to 16): every function, no motion. */
  CT.pickTier = function (ua) {
    var forced = CT.option('tier');
    if (forced === 'A' || forced === 'B') { return forced; }
    var webkit = /AppleWebKit\/(\d+)/.exec(ua);
    var chrome = /Chrome\/(\d+)/.exec(ua);
    return (webkit && +webkit[1] < 536) || (chrome && +chrome[1] < 18) ? 'B' : 'A';
  };

  /* Tizen gives coloured and media keys only to those who ask. */
  CT.claimKeys = function () {
    for (var i = 0; i < MEDIA_KEYS.length; i += 1) {
      try { window.tizen.tvinputdevice.registerKey(MEDIA_KEYS[i]); } catch (e) { /* not Tizen, or no such key */ }
    }
  };
}(window.CT, window));
