/* A CTC/CU box: one decoder, reports in a queue of loose JSON behind key 768, nothing placed before a refresh. */
(function () {
  var FAKE = window.FAKE, queue = [], owner = null, n = 0;
  var SPELLINGS = ["{type:'@',#}", '{"type":"@",#}', '{type:@,#}'];

  function post(player, type, rest) {
    FAKE.later(type, function () {
      var text = SPELLINGS[n % 3].replace('@', type).replace('#', rest || 'instance_id:' + player.id);
      n += 1;
      queue.push(text);
      FAKE.send(768);
    });
  }

  window.Utility = { getEvent: function () { return queue.shift() || ''; } };
  window.Authentication = { CTCGetConfig: function () { return ''; } };

  window.MediaPlayer = function () {
    var me = this, area = null, mode = 1, ready = false, media = null, paused = false;
    var decoder = FAKE.decoder(function (what, status) {
      if (what === 'loaded') {
        decoder.play();
        FAKE.later('start', function () { ready = true; });
        post(me, 'EVENT_PLAYMODE_CHANGE', 'new_play_mode:4,old_play_mode:0,instance_id:99'); // another's: not ours
        post(me, 'EVENT_MEDIA_BEGINING');
      } else if (what === 'failed') { post(me, 'EVENT_MEDIA_ERROR', 'error_code:' + status); }
      else { post(me, 'EVENT_MEDIA_END'); }
    });

    function need(name) {
      if (owner !== me) { throw new Error(name + ' without an instance'); }
      FAKE.log.push(name);
    }
    me.id = -1;
    me.getNativePlayerInstanceID = function () { return ''; };
    me.bindNativePlayerInstance = function (id) {
      if ((owner && owner !== me) || id !== FAKE.refuse) { return -1; }
      owner = me;
      me.id = id;
      return 0;
    };
    me.initMediaPlayer = function () { need('init' + arguments.length); };
    me.releaseMediaPlayer = function () {
      need('release');
      decoder.unload();
      owner = null;
    };
    me.setSingleMedia = function (text) {
      need('media');
      media = /mediaUrl:"([^"]+)"/.exec(text)[1];
      FAKE.url = media;
    };
    me.playFromStart = function () { need('play'); ready = paused = false; decoder.load(media); };
    me.joinChannel = function (number) { need('join ' + number); ready = false; decoder.load('igmp://' + number); return 0; };
    me.leaveChannel = function () { need('leave'); decoder.unload(); return 0; };
    me.pause = function () { need('pause'); paused = true; decoder.pause(); post(me, 'EVENT_PLAYMODE_CHANGE', 'new_play_mode:1'); };
    me.resume = function () {
      if (!paused) { return; }
      paused = false;
      need('resume');
      decoder.play();
      post(me, 'EVENT_PLAYMODE_CHANGE', 'new_play_mode:2');
    };
    me.stop = function () { need('stop'); ready = false; decoder.unload(); FAKE.visible = null; };
    me.playByTime = function (type, time) {
      need('time ' + type + ' ' + time);
      if (!ready) { return; } // nothing to move yet
      if (type === 1) { decoder.seek(time); }
      decoder.play();
    };
    var volume = '95', muted = 0;
    me.getVolume = function () { return volume; };
    me.setVolume = function (to) { volume = FAKE.volume = String(to); };
    me.getMuteFlag = function () { return String(muted); };
    me.setMuteFlag = function (to) { muted = FAKE.muted = to; };
    me.getCurrentPlayTime = function () { return ready ? FAKE.time(decoder.at()) : NaN; };
    me.getMediaDuration = function () { return ready ? FAKE.time(decoder.duration()) : 0; };
    me.setVideoDisplayArea = function (l, t, w, h) { area = [l, t, w, h]; };
    me.setVideoDisplayMode = function (to) { mode = to; };
    me.refreshVideoDisplay = function () { need('refresh'); FAKE.visible = mode === 1 ? 'full' : area; };
  };
}());
