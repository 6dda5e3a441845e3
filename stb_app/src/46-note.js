/* A quiet line at the foot of the screen; read out to who cannot see it. Never takes the focus. */
(function (CT, window) {
  'use strict';
  var node = null, timer = null;

  /* Shows a sentence for some seconds (0: until the next note or clearNote). */
  CT.note = function (sentence, seconds) {
    if (!node) {
      node = CT.el('div', 'note off', window.document.body);
      node.setAttribute('role', 'status');
      node.setAttribute('aria-live', 'polite');
    }
    window.clearTimeout(timer);
    CT.text(node, sentence);
    CT.setClass(node, 'note');
    if (seconds !== 0) { timer = CT.later(CT.clearNote, (seconds || 4) * 1000); }
  };

  CT.clearNote = function () {
    window.clearTimeout(timer);
    if (node) { CT.setClass(node, 'note off'); CT.text(node, ''); }
  };

  /* What went wrong, for people; the blame is never theirs. */
  CT.sorry = function (error) {
    if (error.kind === 'http' && error.status === 404) { return '这个节目已经下架了'; }
    if (error.kind === 'http' && error.status < 500) { return '这个节目暂时不能观看'; }
    if (error.kind === 'offline' || error.kind === 'timeout') { return '网络不太顺畅，正在重试…'; }
    return '服务器正忙，正在重试…';
  };
}(window.CT, window));
