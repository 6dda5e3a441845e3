/* Where each title was left: kept on the box at once, on the server when the box is paired; the newer wins. */
(function (CT) {
  'use strict';
  var KEEP = 100;     // titles remembered on the box
  var WORTH_S = 3;    // less than this is not "begun"
  var DONE_SHARE = 0.95;
  var local = null;   // id -> {p: position s, t: epoch ms, c: CARD, done, up: the server has it}
  var server = {};    // id -> {p, t, c}

  /* What the disk gave back may be anything. */
  function sound(entry) {
    var card = entry && CT.api.readCard(entry.c);
    if (card) { entry.c = card; }
    return !!card && CT.isNumber(entry.p) && CT.isNumber(entry.t);
  }

  function all() {
    if (!local) {
      local = CT.load('resume');
      if (!local || typeof local !== 'object' || local instanceof Array) { local = {}; }
      for (var id in local) { if (CT.has(local, id) && !sound(local[id])) { delete local[id]; } }
    }
    return local;
  }

  function newest(table) {
    var list = [];
    for (var id in table) {
      if (CT.has(table, id) && table[id] && table[id].c) { list.push(table[id]); }
    }
    return list.sort(function (a, b) { return b.t - a.t; });
  }

  function write(id, entry) {
    var table = all();
    table[id] = entry;
    var kept = newest(table).slice(0, KEEP);
    local = {};
    for (var i = 0; i < kept.length; i += 1) { local[kept[i].c.id] = kept[i]; }
    CT.save('resume', local);
  }

  function merged() {
    var table = CT.extend({}, server);
    var mine = all();
    for (var id in mine) {
      if (CT.has(mine, id) && (!table[id] || mine[id].t >= table[id].t)) { table[id] = mine[id]; }
    }
    return table;
  }

  function upload(entry) {
    CT.api.saveResume(entry.c.id, Math.round(entry.p * 10) / 10, function (error) {
      if (error || all()[entry.c.id] !== entry) { return; }
      entry.up = true;
      CT.save('resume', local);
    });
  }

  /* Positions that only the box knows (it was offline, or the page died) go up once. */
  function push() {
    var mine = newest(all()).slice(0, 5);
    for (var i = 0; i < mine.length; i += 1) {
      if (!mine[i].up) { upload(mine[i]); }
    }
  }

  function share(entry) {
    return entry.done ? 1 : entry.c.duration_s > 0 ? CT.clamp(entry.p / entry.c.duration_s, 0, 1) : 0;
  }

  CT.resume = {
    /* Takes GET /resume's items as the server's view. */
    learn: function (items) {
      server = {};
      for (var i = 0; i < items.length; i += 1) {
        server[items[i].title.id] = { p: items[i].position_s, t: items[i].at_ms, c: items[i].title };
      }
      if (CT.api.paired()) { push(); }
    },

    /* Seconds to go on at, or 0. */
    find: function (id) {
      var entry = merged()[id];
      return entry && !entry.done && entry.p >= WORTH_S ? entry.p : 0;
    },

    /* Cards of 继续观看, newest first, each with its progress 0–1. */
    list: function () {
      var entries = newest(merged());
      var cards = [];
      for (var i = 0; i < entries.length && cards.length < 20; i += 1) {
        var e = entries[i];
        if (e.done || !(e.p >= WORTH_S)) { continue; }
        cards.push(CT.extend(CT.extend({}, e.c), { progress: share(e) }));
      }
      return cards;
    },

    /* All that the box remembers, newest first: cards with progress and done. */
    seen: function () {
      return newest(merged()).filter(function (e) { return e.done || e.p >= WORTH_S; }).map(function (e) {
        return CT.extend(CT.extend({}, e.c), { progress: share(e), done: !!e.done });
      });
    },
    /* {share 0-1, done, at epoch ms} of a title that was begun, else null. */
    mark: function (id) {
      var e = merged()[id];
      return e && (e.done || e.p >= WORTH_S) ? { share: share(e), done: !!e.done, at: e.t } : null;
    },
    /* Forgets a title on the box (null: all of them); returns what restore() takes. The server is not told. */
    forget: function (id) {
      var gone = { mine: CT.extend({}, all()), server: CT.extend({}, server) };
      if (id === null) { local = {}; server = {}; } else { delete all()[id]; delete server[id]; }
      CT.save('resume', local);
      return gone;
    },
    restore: function (gone) {
      local = CT.extend(gone.mine, all());
      server = CT.extend(gone.server, server);
      CT.save('resume', local);
    },

    /* Notes a position on the box, and on the server too when send is true. */
    note: function (card, position_s, duration_s, send) {
      if (!CT.isNumber(position_s)) { return; }
      var length = CT.isNumber(duration_s) && duration_s > 0 ? duration_s : card.duration_s;
      var done = length > 0 && position_s >= length * DONE_SHARE;
      var small = { id: card.id, title: card.title, poster: card.poster, duration_s: length, category: card.category,
        category_name: card.category_name, series_id: card.series_id, order: card.order };
      var entry = { p: position_s, t: CT.now(), c: small, done: done, up: false };
      write(card.id, entry);
      if (send && CT.api.paired()) { upload(entry); }
    }
  };
}(window.CT));
