/* What 我的 shows as cards, and taking things away so that they can be brought back for a few seconds. */
(function (CT, window) {
  'use strict';
  var UNDO_S = 6;

  function favouriteCards() {
    return CT.favourites.list().map(function (entry) {
      var channel = entry.kind === 'channel' ? CT.channels.byId(entry.id) : null;
      var card = CT.extend({}, entry.card);
      if (channel) { CT.extend(card, { title: channel.number + '  ' + channel.name, poster: channel.logo, category: 'channel', category_name: '频道' }); }
      var progress = CT.resume.mark(entry.id);
      return CT.extend(card, { entry: entry, mark: { channel: '频道', series: '系列' }[entry.kind] || '',
        progress: entry.kind === 'title' && progress ? progress.share : 0 });
    });
  }

  function historyCard(item) {
    return CT.extend(CT.extend({}, item.title), { mark: item.finished ? '看完了' : '',
      progress: item.title.duration_s > 0 ? CT.clamp(item.position_s / item.title.duration_s, 0, 1) : 0 });
  }
  function seenCards() {
    return CT.resume.seen().map(function (card) { return CT.extend(card, { mark: card.done ? '看完了' : '' }); });
  }

  /* What goes may be brought back while the note stands; then the server is told. It outlives the screen. */
  var waiting = null;
  function settleNow() {
    var settle = waiting;
    waiting = null;
    if (settle) { window.clearTimeout(settle.timer); settle.tell(); }
  }
  function undoable(sentence, tell, undo) {
    settleNow();
    var mine = waiting = { tell: tell, timer: CT.later(function () { if (waiting === mine) { settleNow(); } }, UNDO_S * 1000) };
    CT.nav.offer(sentence + '，按 OK 键恢复', UNDO_S, function () {
      if (waiting !== mine) { return; }
      window.clearTimeout(mine.timer);
      waiting = null;
      undo();
      CT.note('已恢复', 2);
    });
  }
  function tellHistory(id) {
    if (CT.api.paired()) { CT.api.send('DELETE', '/history' + (id === null ? '' : '/' + encodeURIComponent(id)), null, function () { /* what the box shows stands */ }); }
  }

  CT.mine = { favourites: favouriteCards, past: historyCard, seen: seenCards, undoable: undoable, tellHistory: tellHistory,
    pending: function () { return waiting !== null; } };
}(window.CT, window));
