/* The guide's programmes, fetched in blocks of channels and hours as they come into sight, and few of them kept. */
(function (CT) {
  'use strict';
  var CHANNELS = 12, BLOCK_S = 43200; // a block: so many channels, half a day
  var KEPT = 24;
  var AGAIN_MS = 10000;

  function rows(raw) {
    return raw.rows instanceof Array ? CT.api.each(raw.rows, function (row) {
      return row && CT.isNumber(row.channel) ? { channel: row.channel, items: CT.api.programmes(row.items) } : null;
    }) : null;
  }

  /* channels: the list the row numbers mean. changed() is told when programmes came or could not be had. */
  CT.makeGuideRows = function (channels, changed) {
    var blocks = {};  // 'group:block' -> {at, state: asked|here|failed, rows: channel id -> programmes}
    var asks = [];

    function forget() {
      var keys = Object.keys(blocks).sort(function (a, b) { return blocks[b].used - blocks[a].used; });
      keys.slice(KEPT).forEach(function (key) { delete blocks[key]; });
    }

    function fetch(group, block, anew) {
      var key = group + ':' + block, time = new Date().getTime();
      var known = blocks[key];
      if (known) { known.used = time; }
      if (known && (known.state !== 'failed' || known.asked || (!anew && time - known.at < AGAIN_MS))) { return; }
      var entry = blocks[key] = { at: time, used: time, state: known ? 'failed' : 'asked', asked: true, rows: {} };
      var ids = channels.slice(group * CHANNELS, (group + 1) * CHANNELS).map(function (channel) { return channel.id; });
      var path = '/guide/rows?channels=' + ids.join(',') + '&from=' + block * BLOCK_S + '&to=' + (block + 1) * BLOCK_S;
      forget();
      asks.push(CT.api.get(path, 2, rows, function (error, list) {
        entry.asked = false;
        entry.state = error ? 'failed' : 'here';
        entry.at = new Date().getTime();
        for (var i = 0; !error && i < list.length; i += 1) { entry.rows[list[i].channel] = list[i].items; }
        changed(error);
      }));
    }

    function blockOf(index, t) { return blocks[Math.floor(index / CHANNELS) + ':' + Math.floor(t / BLOCK_S)]; }

    return {
      /* Sees to it that rows first … last are known in [from, to); anew: what failed lately too. */
      need: function (first, last, from, to, anew) {
        for (var g = Math.floor(first / CHANNELS); g <= Math.floor(last / CHANNELS); g += 1) {
          for (var b = Math.floor(from / BLOCK_S); b <= Math.floor((to - 1) / BLOCK_S); b += 1) { fetch(g, b, anew); }
        }
      },
      /* What stands in [from, to) of a row, without holes: [{start, stop, programme or null, words}]. */
      cells: function (index, from, to) {
        var cells = [], at = from, seen = {};
        function hole(until) {
          if (until - at < 30) { return; }
          var entry = blockOf(index, at);
          var words = !entry || entry.state === 'asked' ? '正在加载…' : entry.state === 'failed' ? '节目单暂时取不到' : '没有节目信息';
          cells.push({ start: at, stop: until, programme: null, words: words });
        }
        function add(programme) {
          if (seen[programme.start] || programme.stop <= at || programme.start >= to) { return; }
          seen[programme.start] = true;
          hole(programme.start);
          cells.push({ start: programme.start, stop: programme.stop, programme: programme, words: programme.title });
          at = programme.stop;
        }
        for (var b = Math.floor(from / BLOCK_S); b <= Math.floor((to - 1) / BLOCK_S); b += 1) {
          var entry = blockOf(index, b * BLOCK_S);
          (entry && entry.rows[channels[index].id] || []).forEach(add);
        }
        hole(to);
        return cells;
      },
      size: function () { return Object.keys(blocks).length; },
      close: function () { asks.forEach(function (ask) { ask.cancel(); }); }
    };
  };
}(window.CT));
