/* Programmes somebody wants to be told of: kept on the box, and on the server too when the box is paired. */
(function (CT) {
  'use strict';
  var CHECK_MS = 5000;
  var LATE_S = 300;   // a box switched on later than this after the beginning says nothing
  var SHOW_S = 20;
  var JUMP_S = 60;    // between two checks
  var checked_s = null, heardAt = 0;
  var list = null;    // [{channel, start, title}]

  function sound(entry) { return !!entry && CT.isNumber(entry.channel) && CT.isNumber(entry.start); }

  function all() {
    if (!list) {
      list = CT.load('reminders');
      list = list instanceof Array ? list.filter(sound) : [];
    }
    return list;
  }
  function keep(kept) {
    list = kept;
    CT.save('reminders', list);
  }
  function find(id, start) {
    return all().filter(function (entry) { return entry.channel === id && entry.start === start; })[0];
  }
  function tell(method, id, start) {
    if (CT.api.paired()) { CT.api.send(method, '/reminders/' + id + '/' + start, null, function () { /* the box's own copy stands */ }); }
  }

  function add(entry) {
    if (!find(entry.channel, entry.start)) { keep(all().concat(entry)); }
  }

  /* What another page set for this box, or it before it forgot. */
  function fetch() {
    if (!CT.api.paired()) { return; }
    CT.api.get('/reminders', 2, function (raw) {
      return raw.items instanceof Array ? raw.items.filter(sound) : null;
    }, function (error, items) {
      if (error) { return; }
      items.forEach(function (item) { add({ channel: item.channel, start: item.start, title: CT.api.text(item.title) }); });
    });
  }

  function announce(entry) {
    var channel = CT.channels.byId(entry.channel);
    var screen = CT.nav.top();
    if (!channel || !screen || (screen.name === 'live' && screen.state().channel === entry.channel && !screen.state().shifted)) { return; }
    CT.nav.offer(channel.name + '：' + (entry.title || '您等的节目') + '开始了，OK 键观看', SHOW_S, function () { CT.nav.live(channel); });
  }

  /* A clock that was set meanwhile, or before the server has said a word, tells no time: what is due would be lost. */
  function timeIsKnown(now) {
    var jumped = checked_s !== null && Math.abs(now - checked_s) > JUMP_S;
    checked_s = now;
    if (jumped) { heardAt = CT.heard; CT.askBox(); }
    return CT.heard > heardAt;
  }

  /* Those whose time has come are told and forgotten. */
  function check() {
    var now = CT.now_s();
    if (!timeIsKnown(now)) { return; }
    var due = all().filter(function (entry) { return entry.start <= now; });
    if (!due.length) { return; }
    keep(all().filter(function (entry) { return entry.start > now; }));
    due.forEach(function (entry) {
      if (now - entry.start < LATE_S) { announce(entry); }
      tell('DELETE', entry.channel, entry.start);
    });
  }

  CT.reminders = {
    has: function (id, start) { return !!find(id, start); },
    /* Sets or removes the reminder of a programme; returns whether it is set now. */
    toggle: function (channel, programme) {
      var known = find(channel.id, programme.start);
      if (known) { keep(all().filter(function (entry) { return entry !== known; })); } else {
        add({ channel: channel.id, start: programme.start, title: programme.title });
      }
      tell(known ? 'DELETE' : 'PUT', channel.id, programme.start);
      return !known;
    },
    /* The box has forgotten whose it was; the server is not told. */
    forget: function () { keep([]); }
  };
  fetch();
  CT.every(check, CHECK_MS);
}(window.CT));
