/* The channels of this box, what is on them now, and the programmes around one instant of one channel. */
(function (CT) {
  'use strict';
  var NOW_MS = 30000;    // asked no more often than this, and only by who shows it
  var AROUND_S = 21600;  // a channel's programmes are fetched for so long on both sides
  var version = null, etag = null, asking = false, askedAt = 0;
  var onAir = {};        // channel id -> {now, next}
  var near = { id: 0, from: 0, to: 0, items: [] };
  var wanted = '';
  var loading = null, waiting = [];

  function take(raw) {
    CT.channels.list = CT.api.readChannels(raw) || [];
    version = raw && raw.version;
  }

  /* The programme under way at second t among those listed by time, or null. */
  function under(items, t) {
    for (var i = 0; i < items.length; i += 1) {
      if (items[i] && items[i].start <= t && t < items[i].stop) { return items[i]; }
    }
    return null;
  }
  function after(items, t) {
    for (var i = 0; i < items.length; i += 1) { if (items[i] && items[i].start >= t) { return items[i]; } }
    return null;
  }
  function known(id) {
    var pair = onAir[id];
    return near.id === id ? near.items : pair ? [pair.now, pair.next] : [];
  }

  CT.channels = {
    list: [],
    last: null,

    /* The copy of yesterday: the picture need not wait for the server. */
    remembered: function () {
      take(CT.load('channels'));
      return CT.channels.list.length > 0;
    },
    /* Asks the server; done(error) once, the first time it answers. It is asked until it does. */
    load: function (done, onRetry) {
      if (loading) { loading.cancel(); }
      waiting.push(done); // who asked before still waits
      loading = CT.api.channels(function (error, raw) {
        var told = waiting;
        loading = null;
        waiting = [];
        if (!error) { take(raw); CT.save('channels', raw); }
        told.forEach(function (tell) { tell(error); });
      }, onRetry);
    },
    indexOf: function (id) {
      for (var i = 0; i < CT.channels.list.length; i += 1) { if (CT.channels.list[i].id === id) { return i; } }
      return -1;
    },
    byId: function (id) { return CT.channels.list[CT.channels.indexOf(id)] || null; },
    byNumber: function (number) {
      return CT.channels.list.filter(function (channel) { return channel.number === number; })[0] || null;
    },
    /* The channel to begin with: the last one watched, else the lowest number. */
    first: function () { return CT.channels.byId(CT.load('channel')) || CT.channels.list[0] || null; },
    watched: function (channel) {
      var before = CT.load('channel');
      if (before !== channel.id) { CT.channels.last = before; }
      CT.save('channel', channel.id);
    },

    /* What is on at second t (now where absent), and what follows; null where the box does not know. */
    programme: function (id, t) { return under(known(id), t) || under(near.id === id && onAir[id] ? [onAir[id].now] : [], t); },
    following: function (id, t) { return after(known(id), t); },

    /* Brings now and next up to date for who shows them; done() when the server answered. */
    freshen: function (done) {
      var time = new Date().getTime();
      if (asking || Math.abs(time - askedAt) < NOW_MS) { return; }
      asking = true;
      askedAt = time;
      CT.api.now(etag, function (error, list, tag, newVersion) {
        asking = false;
        if (error) { return; }
        if (!list) { done(); return; }
        etag = tag;
        onAir = {};
        for (var i = 0; i < list.length; i += 1) { onAir[list[i].channel] = list[i]; }
        if (newVersion !== version && newVersion !== undefined) { CT.channels.load(done); } else { done(); }
      });
    },

    /* Sees to it that the programmes around second t of a channel are known; done() when they came. */
    around: function (id, t, done) {
      var key = id + '@' + Math.floor(t / 3600);
      if ((near.id === id && t > near.from + 3600 && t < near.to - 3600) || wanted === key) { return; }
      wanted = key;
      var from = Math.floor(t / 3600) * 3600 - AROUND_S, to = from + 2 * AROUND_S; // whole hours: boxes ask alike
      CT.api.guide(id, from, to, function (error, items) {
        if (wanted !== key) { return; }
        if (error) { CT.later(function () { if (wanted === key) { wanted = ''; } }, NOW_MS); return; }
        wanted = '';
        near = { id: id, from: from, to: to, items: items };
        done();
      });
    }
  };
}(window.CT));
