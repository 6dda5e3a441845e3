/* The channel list over the picture: groups by left and right, channels by up and down, now and next on each line. */
(function (CT) {
  'use strict';
  var SIZES = { normal: { pitch: 84, visible: 7 }, elder: { pitch: 104, visible: 5 } };
  var ALL = '全部', MINE = '收藏';

  /* The groups in the order of their channels' numbers, before them what was kept and 全部. */
  function groupsOf(channels) {
    var names = [ALL];
    channels.forEach(function (channel) {
      if (channel.group && names.indexOf(channel.group) < 0) { names.push(channel.group); }
    });
    names = names.length > 2 ? names : [ALL];
    return channels.some(favourite) ? [MINE].concat(names) : names;
  }
  function favourite(channel) { return CT.favourites.has('channel', channel.id); }

  function makeLine(parent) {
    var node = CT.el('div', 'line', parent);
    node.tabIndex = -1;
    node.setAttribute('role', 'button');
    var cell = { node: node, name: 'line' };
    cell.number = CT.el('div', 'line-number', node, '');
    cell.star = CT.el('div', 'line-star off', node, '★');
    cell.title = CT.el('div', 'line-name', node, '');
    cell.now = CT.el('div', 'line-now', node, '');
    cell.next = CT.el('div', 'line-next', node, '');
    cell.bar = CT.el('div', 'line-bar', node);
    cell.fill = CT.el('div', 'line-fill', cell.bar);
    return cell;
  }

  function bindNow(cell, channel) {
    var t = CT.now_s();
    var now = CT.channels.programme(channel.id, t);
    var next = CT.channels.following(channel.id, t);
    CT.text(cell.now, now ? now.title : '');
    CT.text(cell.next, next ? CT.hourText(next.start) + ' ' + next.title : '');
    CT.setClass(cell.bar, now ? 'line-bar' : 'line-bar off');
    if (now) { cell.fill.style.width = Math.round((t - now.start) / (now.stop - now.start) * 100) + '%'; }
    cell.node.setAttribute('aria-label', channel.number + ' ' + channel.name + (now ? ' ' + now.title : '') +
      (next ? ' ' + CT.hourText(next.start) + ' ' + next.title : ''));
  }

  /* The present channel is marked and takes the first focus; pick(channel) is told the choice. */
  CT.makeChannelList = function (parent, current, pick) {
    var node = CT.el('div', 'list', parent);
    var head = CT.el('div', 'list-head', node, '');
    var hint = CT.el('div', 'list-hint', node, '');
    var port = CT.el('div', 'list-port', node);
    var size = CT.elder ? SIZES.elder : SIZES.normal;
    var names = groupsOf(CT.channels.list), group = 0, items = [], count = 0;
    var board = CT.makeBoard();
    var bound = [];

    var strip = CT.makeStrip(port, { pitch: size.pitch, visible: size.visible, upright: true,
      make: function (box) {
        var cell = makeLine(box);
        bound.push(cell);
        return cell;
      },
      bind: function (cell, channel) {
        CT.text(cell.number, channel.number);
        CT.text(cell.title, channel.name);
        CT.setClass(cell.star, favourite(channel) ? 'line-star' : 'line-star off');
        cell.name = channel.id === current.id ? 'line here' : 'line';
        bindNow(cell, channel);
      },
      picture: function () {} });
    CT.neverScroll(port);

    /* A board of one-cell rows would need a thousand of them: the column is one row that is walked up and down. */
    var row = { count: 0, index: 0, el: strip.el, paint: strip.paint, find: strip.find,
      label: function () { return items[row.index].name; } };

    function load(id) {
      items = CT.channels.list.filter(function (channel) { return names[group] === ALL || (names[group] === MINE ? favourite(channel) : channel.group === names[group]); });
      var at = 0;
      items.forEach(function (channel, i) { if (channel.id === id) { at = i; } });
      row.count = items.length;
      row.index = at;
      board.rows = items.length ? [row] : [];
      strip.load(items, at - Math.floor(size.visible / 2), at);
      count = CT.channels.list.length;
      CT.text(head, names[group] + '　' + items.length + ' 个频道');
      CT.text(hint, names.length > 1 ? '左右键换一组' : '');
      board.focus(0, at);
    }

    function move(step) {
      var to = CT.clamp(row.index + step, 0, items.length - 1);
      if (to === row.index || !items.length) { CT.bump(); return; }
      board.focus(0, to);
    }
    function turn(step) {
      if (names.length < 2) { CT.bump(); return; }
      group = (group + step + names.length) % names.length;
      load(items[row.index] ? items[row.index].id : current.id);
    }

    var STEPS = { up: -1, down: 1, chup: -1, chdown: 1, pageup: -size.visible, pagedown: size.visible };
    group = names.indexOf(ALL);
    load(current.id);
    return {
      board: board,
      key: function (fn) {
        if (CT.has(STEPS, fn)) { move(STEPS[fn]); }
        else if (fn === 'left') { turn(-1); }
        else if (fn === 'right') { turn(1); }
        else if (fn === 'ok') { if (items[row.index]) { pick(items[row.index]); } }
        else { return false; }
        return true;
      },
      /* Now and next, and the channels themselves, may have changed. */
      refresh: function () {
        if (count !== CT.channels.list.length) {
          names = groupsOf(CT.channels.list);
          group = Math.min(group, names.length - 1);
          load(items[row.index] ? items[row.index].id : current.id);
        }
        bound.forEach(function (cell) { if (cell.item) { bindNow(cell, cell.item); } });
      },
      close: function () { CT.remove(node); }
    };
  };
}(window.CT));
