/* The foot of the live picture: number and name of the channel, the programme with its edges, and where we are in it. */
(function (CT) {
  'use strict';
  var WIDTH = 896, LABEL = 130; // design px of the track, and half of what the time under the knob needs
  var NO_GUIDE_S = 3600;        // the span shown where no programme is known
  var STEPS = [[20, 60], [10, 30], [4, 20], [0, 10]]; // [repeats of a held key, seconds per step]

  /* Seconds one step seeks after so many repeats of a held key. */
  CT.seekStep = function (held) {
    for (var i = 0; i < STEPS.length; i += 1) { if (held >= STEPS[i][0]) { return STEPS[i][1]; } }
    return 10;
  };

  function share(t, from, to) { return CT.clamp((t - from) / (to - from), 0, 1); }

  CT.makeAirbar = function (parent) {
    var node = CT.el('div', 'air off', parent);
    var number = CT.el('div', 'air-number', node, '');
    var name = CT.el('div', 'air-name', node, '');
    var logo = CT.el('div', 'air-logo poster', node);
    var tag = CT.el('div', 'air-tag', node, '');
    var title = CT.el('div', 'air-title', node, '');
    var track = CT.el('div', 'track', node);
    var known = CT.el('div', 'track-known', track);
    var fill = CT.el('div', 'track-fill', track);
    var edge = CT.el('div', 'air-edge', node);
    var knob = CT.el('div', 'knob', node);
    var start = CT.el('div', 'air-start', node, '');
    var stop = CT.el('div', 'air-stop', node, '');
    var here = CT.el('div', 'air-here', node, '');
    var next = CT.el('div', 'air-next', node, '');
    var hint = CT.el('div', 'air-hint', node, '');

    function channel(value) {
      CT.text(number, value.number);
      CT.text(name, value.name);
      if (logo.ctUrl !== value.logo) {
        logo.ctUrl = value.logo;
        logo.style.backgroundImage = CT.cssUrl(value.logo);
      }
    }

    function span(model) {
      var from = model.programme ? model.programme.start : Math.floor(model.at / NO_GUIDE_S) * NO_GUIDE_S;
      return { from: from, to: model.programme ? model.programme.stop : from + NO_GUIDE_S };
    }

    function line(model) {
      var s = span(model);
      var at = share(model.at, s.from, s.to) * WIDTH;
      var edgeAt = share(model.edge, s.from, s.to) * WIDTH;
      CT.text(start, CT.hourText(s.from));
      CT.text(stop, CT.hourText(s.to));
      CT.moveTo(fill, at - WIDTH, 0);
      CT.moveTo(known, edgeAt - WIDTH, 0);
      CT.moveTo(edge, edgeAt, 0);
      CT.moveTo(knob, at, 0);
      CT.moveTo(here, CT.clamp(at, LABEL, WIDTH - LABEL), 0);
      CT.text(here, model.shifted ? CT.hourText(model.at, true) : '');
    }

    return {
      /* model: {channel, programme or null, next or null, at and edge in epoch s, shifted, tag, hint} */
      draw: function (model) {
        channel(model.channel);
        CT.text(tag, model.tag);
        CT.setClass(tag, model.shifted ? 'air-tag late' : 'air-tag');
        CT.text(title, model.programme ? model.programme.title : '暂时没有节目信息');
        CT.text(next, model.next ? '接着 ' + CT.hourText(model.next.start) + '　' + model.next.title : '');
        CT.text(hint, model.hint);
        line(model);
      },
      show: function (on) { CT.setClass(node, on ? 'air' : 'air off'); }
    };
  };
}(window.CT));
