/* 收藏: titles, series and channels somebody wants to find again; kept on the box, and on the server when it is paired. */
(function (CT) {
  'use strict';
  var KEEP = 100;
  var TRIES = 5;
  var KINDS = { title: true, series: true, channel: true };
  var list = null;    // newest first: {kind, id, card: what is shown of it, up: the server has it}
  var failed = {};    // kind/id -> true: a removal that the server has not heard yet
  var index = null;   // kind/id -> true, of the list

  /* What the disk gave back may be anything. */
  function sound(e) {
    if (!e || !CT.has(KINDS, e.kind) || !(CT.isNumber(e.id) || CT.api.text(e.id))) { return false; }
    e.card = small(CT.api.readCard(e.card) || { id: e.id });
    return true;
  }
  function all() {
    if (!list) {
      list = CT.load('favourites');
      list = list instanceof Array ? list.filter(sound) : [];
    }
    return list;
  }
  function keep(entries) {
    list = entries.slice(0, KEEP);
    index = null;
    CT.save('favourites', list);
  }
  function same(kind, id) { return function (entry) { return entry.kind === kind && String(entry.id) === String(id); }; }
  function without(kind, id) {
    var match = same(kind, id);
    return all().filter(function (entry) { return !match(entry); });
  }
  function find(kind, id) { return all().filter(same(kind, id))[0] || null; }

  /* What is kept of a card: enough to draw it without the server. */
  function small(card) {
    card = card || {};
    return { id: card.id, title: card.title || card.name || '', poster: card.poster || null, duration_s: card.duration_s || 0,
      category: card.category || '', category_name: card.category_name || '', series_id: card.series_id || null,
      order: card.order === undefined ? null : card.order };
  }

  function tell(method, kind, id, done) {
    if (!CT.api.paired()) { return; }
    CT.retrying(function (answer) {
      return CT.api.send(method, '/favourites/' + kind + '/' + encodeURIComponent(id), null, answer);
    }, TRIES, function (error) { done(error); });
  }
  function put(entry) {
    tell('PUT', entry.kind, entry.id, function (error) {
      if (error || !find(entry.kind, entry.id)) { return; }
      entry.up = true;
      CT.save('favourites', list);
    });
  }

  function add(entry) {
    delete failed[entry.kind + '/' + entry.id];
    keep([entry].concat(without(entry.kind, entry.id)));
    put(entry);
  }
  function remove(kind, id) {
    var key = kind + '/' + id;
    keep(without(kind, id));
    failed[key] = true;
    tell('DELETE', kind, id, function (error) { if (!error) { delete failed[key]; } });
  }

  function readItem(raw) {
    if (!raw || !CT.has(KINDS, raw.kind) || !CT.isNumber(raw.id)) { return null; }
    var series = raw.series && typeof raw.series === 'object' ? raw.series : {};
    var card = raw.kind === 'title' ? CT.api.readCard(raw.title) : raw.kind === 'series' ?
      { id: raw.id, title: CT.api.text(series.title), poster: CT.api.resolve(series.poster) } : { id: raw.id };
    return card && { kind: raw.kind, id: raw.id, card: small(card), up: true };
  }

  /* The server's list, and before it what only this box knows. */
  function learn(items) {
    var mine = all().filter(function (entry) {
      return !entry.up && !items.some(same(entry.kind, entry.id));
    });
    keep(mine.concat(items.filter(function (entry) { return !CT.has(failed, entry.kind + '/' + entry.id); })));
    mine.forEach(put);
  }

  CT.favourites = {
    has: function (kind, id) {
      if (!index) {
        index = {};
        all().forEach(function (entry) { index[entry.kind + '/' + entry.id] = true; });
      }
      return CT.has(index, kind + '/' + id);
    },
    /* Adds or removes; says so; returns whether it is a favourite now. card: what is shown of it (none for a channel). */
    toggle: function (kind, id, card) {
      var known = find(kind, id);
      if (known) { remove(kind, id); } else { add({ kind: kind, id: id, card: small(card), up: false }); }
      CT.note(known ? '已取消收藏' : '已收藏，在“首页 → 我的”里可以找到');
      return !known;
    },
    /* Newest first; a channel that is no more is left out. */
    list: function () {
      return all().filter(function (entry) { return entry.kind !== 'channel' || CT.channels.byId(entry.id); });
    },
    /* Takes entries away without a word to the server; returns what restore() and tellGone() take. */
    take: function (entries) {
      var before = all();
      keep(before.filter(function (entry) { return entries.indexOf(entry) < 0; }));
      return { before: before, entries: entries };
    },
    restore: function (gone) { keep(gone.before); },
    tellGone: function (gone) { gone.entries.forEach(function (entry) { if (!find(entry.kind, entry.id)) { remove(entry.kind, entry.id); } }); },
    /* The box has forgotten whose it was; the server is not told. */
    forget: function () { failed = {}; keep([]); },
    /* Asks the server; done() when the list may have changed. */
    fetch: function (done) {
      if (!CT.api.paired()) { return; }
      CT.api.get('/favourites', 2, function (raw) {
        return raw.items instanceof Array ? CT.api.each(raw.items, readItem) : null;
      }, function (error, items) {
        if (error) { return; }
        learn(items);
        if (done) { done(); }
      });
    }
  };
}(window.CT));
