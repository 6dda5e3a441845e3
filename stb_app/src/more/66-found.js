/* What a search found: the API's items made safe, the lines they are drawn as, and what OK does with one. */
(function (CT) {
  'use strict';
  var text = CT.api.text, number = CT.api.number;
  var KINDS = { title: '视频', series: '课程', channel: '频道', programme: '节目' };
  CT.foundKinds = ['title', 'series', 'channel', 'programme'];
  CT.kindName = function (kind) { return KINDS[kind] || '全部'; };

  /* ITEM of docs/architecture.md, or null where the reply holds something else. */
  function item(raw) {
    if (!raw || !CT.has(KINDS, raw.kind) || !text(raw.name || raw.title)) { return null; }
    var mark = raw.mark instanceof Array && raw.mark.length === 2 ? [number(raw.mark[0]), number(raw.mark[1])] : [0, 0];
    return { kind: raw.kind, id: raw.id, name: text(raw.name || raw.title), detail: text(raw.detail), mark: mark,
      card: CT.api.readCard(raw.card),
      channel: CT.isNumber(raw.channel) ? raw.channel : null,
      programme: raw.programme ? CT.api.programmes([raw.programme])[0] || null : null };
  }

  function counts(raw) {
    var found = {};
    CT.foundKinds.forEach(function (kind) { found[kind] = raw && CT.isNumber(raw[kind]) ? raw[kind] : 0; });
    return found;
  }

  function found(raw) {
    return raw.items instanceof Array ? { items: CT.api.each(raw.items, item),
      next: typeof raw.next === 'string' ? raw.next.toUpperCase() : null, counts: counts(raw.counts) } : null;
  }

  CT.extend(CT.api, {
    readFound: item,
    /* done(error, {items, next, counts}) */
    suggest: function (typed, form, kind, done) {
      return CT.api.get('/suggest?q=' + encodeURIComponent(typed.toLowerCase()) + '&form=' + form +
        (kind ? '&kind=' + kind : '') + '&limit=30', 2, found, done);
    },
    popular: function (done) { return CT.api.get('/search/popular', 2, found, done); }
  });

  /* Opens what was found; false with a sentence on the screen where there is nothing to open. */
  CT.openFound = function (one) {
    var programme = one.programme, channel = CT.channels.byId(one.channel !== null ? one.channel : programme && programme.channel);
    var now = CT.now_s();
    if (one.kind === 'title') { CT.nav.open('title', { card: one.card || { id: one.id, title: one.name } }); return true; }
    if (one.kind === 'series') { CT.nav.open('series', { id: one.id }); return true; }
    if (channel && one.kind === 'channel') { return CT.nav.live(channel); }
    if (channel && programme && programme.start > now) {
      CT.note(CT.reminders.toggle(channel, programme) ? '到时候会提醒您' : '已取消提醒', 3);
      return true;
    }
    if (channel && programme && programme.stop > now) { return CT.nav.live(channel); }
    if (channel && programme && programme.catchup_url) {
      CT.nav.open('catchup', { channel: channel, programme: programme });
      return true;
    }
    CT.note('这个节目没有录下来');
    return false;
  };

  /* The line of one that was found: its name with what was typed marked, and what it is. */
  CT.foundSpec = function (size) {
    return { pitch: size.pitch, visible: size.visible, upright: true, picture: function () {},
      make: function (parent) {
        var node = CT.el('div', 'found', parent);
        var cell = { node: node, name: 'found' };
        node.tabIndex = -1;
        node.setAttribute('role', 'button');
        cell.title = CT.el('div', 'found-name', node);
        cell.before = CT.el('span', '', cell.title, '');
        cell.marked = CT.el('span', 'found-mark', cell.title, '');
        cell.after = CT.el('span', '', cell.title, '');
        cell.detail = CT.el('div', 'found-detail', node, '');
        [cell.before, cell.marked, cell.after].forEach(function (part) { part.lang = 'zh-CN'; }); // a name is no sentence of ours
        return cell;
      },
      bind: function (cell, one) {
        var from = one.mark[0], to = from + one.mark[1];
        var what = CT.kindName(one.kind) + (one.detail ? '　' + one.detail : '');
        CT.text(cell.before, one.name.substring(0, from));
        CT.text(cell.marked, one.name.substring(from, to));
        CT.text(cell.after, one.name.substring(to));
        CT.text(cell.detail, what);
        cell.node.setAttribute('aria-label', one.name + ' ' + what);
      } };
  };

  /* The tabs over what was found: 全部 and the kinds there is something of; null where it is of one kind. chosen() is
     the kind shown, empty for all. */
  CT.makeFoundTabs = function (parent, counts, chosen) {
    var all = 0;
    var kinds = CT.foundKinds.filter(function (name) { all += counts[name] || 0; return counts[name] > 0; });
    while (parent.firstChild) { CT.remove(parent.firstChild); }
    if (kinds.length < 2) { return null; }
    kinds = [''].concat(kinds);
    var tabs = CT.makeButtons(parent, kinds.map(function (name) {
      return { label: CT.kindName(name) + (CT.elder && name ? '' : ' ' + (name ? counts[name] : all)) }; // large text has no room
    }));
    tabs.kinds = kinds;
    tabs.index = Math.max(0, kinds.indexOf(chosen()));
    tabs.paint = function (i, focused) {
      var here = kinds[i] === chosen();
      CT.setClass(tabs.el(i), 'button' + (here ? ' here' : '') + (focused ? ' focus' : ''));
      tabs.el(i).setAttribute('aria-current', here ? 'true' : 'false');
    };
    kinds.forEach(function (name, i) { tabs.paint(i, false); });
    return tabs;
  };

  /* What was found and opened on this box of late, the newest first; kept by the box alone. */
  var KEPT = 6;
  function isOther(one) { return function (other) { return other.kind !== one.kind || other.id !== one.id; }; }
  CT.foundHere = {
    list: function () {
      var kept = CT.load('found');
      return kept instanceof Array ? CT.api.each(kept, item) : [];
    },
    remember: function (one) {
      var raw = { kind: one.kind, id: one.id, name: one.name, detail: one.detail, card: one.card, channel: one.channel,
        programme: one.programme };
      CT.save('found', [raw].concat(CT.foundHere.list().filter(isOther(one))).slice(0, KEPT));
    },
    /* Forgets one, or all where it is null; returns what puts them back. */
    forget: function (one) {
      var before = CT.foundHere.list();
      CT.save('found', one ? before.filter(isOther(one)) : []);
      return function () { CT.save('found', before); };
    }
  };
}(window.CT));
