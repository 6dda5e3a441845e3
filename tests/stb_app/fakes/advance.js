/* An iPanel "advance" (NGB) box: bind, set a source, wait until it is called valid, play; a Rectangle and a refresh. */
(function () {
  var FAKE = window.FAKE, owner = null;
  function post(code) { FAKE.later(code, function () { FAKE.send(code); }); }

  window.Rectangle = function () { this.left = this.top = this.width = this.height = 0; };
  window.MediaPlayer = function () {
    var me = this, valid = false, playing = false, area = null, mode = 1, trick = 0;
    var decoder = FAKE.decoder(function (what) {
      if (what === 'loaded') { valid = true; }
      post({ loaded: 13001, failed: 13002, ended: 10901 }[what]);
    });
    function need(name) {
      if (owner !== me) { throw new Error(name + ' without an instance'); }
      FAKE.log.push(name);
    }
    me.getPlayerInstanceID = function () { return 0; };
    me.bindPlayerInstance = function (id) {
      if ((owner && owner !== me) || id !== FAKE.refuse) { return -1; }
      owner = me;
      return 0;
    };
    me.unbindPlayerInstance = function () { need('unbind'); decoder.unload(); owner = null; };
    me.setMediaSource = function (url) { need('source'); FAKE.url = url; valid = playing = false; decoder.load(url); };
    me.play = function () {
      need('play');
      if (!valid) { post(13004); return; } // too early
      playing = true;
      decoder.play();
      post(13003);
    };
    me.setPauseMode = function () {};
    me.enableTrickMode = function (on) { trick = on; };
    me.pause = function () { need('pause'); if (trick) { decoder.pause(); post(13009); } else { post(13010); } };
    me.resume = function () { need('resume'); decoder.play(); post(13011); };
    me.stop = function () { need('stop'); playing = false; decoder.unload(); FAKE.visible = null; post(13013); };
    me.seek = function (type, s) { need('seek ' + s); if (playing && trick && type === 1) { decoder.seek(+s); post(13007); } };
    me.getCurrentPlayTime = function () { return playing ? FAKE.time(decoder.at()) : ''; };
    me.getMediaDuration = function () { return playing ? FAKE.time(decoder.duration()) : ''; };
    me.setVideoDisplayMode = function (to) { mode = to; };
    me.setVideoDisplayArea = function (r) { if (r instanceof window.Rectangle) { area = [r.left, r.top, r.width, r.height]; } };
    me.refresh = function () { need('refresh'); FAKE.visible = mode === 1 ? 'full' : area; };
  };
}());
