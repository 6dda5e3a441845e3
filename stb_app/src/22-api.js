/* The server's API for boxes: addresses, token, channels and guide; replies made safe to draw. */
(function (CT, window) {
  'use strict';
  var base = '';
  var token = null;

  /* The token kept; one that is spoilt no header could carry. */
  function kept() {
    var found = CT.load('token@' + base);
    return /^[!-~]+$/.test(found) ? found : null;
  }

  /* A token is kept per server, so that a link with a foreign #api= never carries it away. */
  function loadToken() {
    var given = CT.option('token');
    if (given) { CT.save('token@' + base, given); }
    token = given || kept();
    if (!given || !window.history || !window.history.replaceState) { return; }
    try { // the token does not stay in the address bar
      var rest = window.location.hash.replace(/([#&])token=[^&]*/, '$1').replace(/^#&*|&&+/g, '');
      window.history.replaceState(null, '', window.location.pathname + window.location.search + (rest ? '#' + rest : ''));
    } catch (e) { /* file:// pages may refuse */ }
  }

  /* An address of the server ('/img/…', '/vod/…') as this page can fetch it. */
  function resolve(path) {
    if (typeof path !== 'string' || !path) { return null; }
    return path.charAt(0) === '/' && path.charAt(1) !== '/' ? base + path : path;
  }

  function text(value) { return typeof value === 'string' ? value : ''; }
  function number(value) { return CT.isNumber(value) ? value : 0; }

  function each(list, make) {
    var kept = [];
    if (!(list instanceof Array)) { return kept; }
    for (var i = 0; i < list.length; i += 1) {
      var value = make(list[i]);
      if (value) { kept.push(value); }
    }
    return kept;
  }

  /* CHANNEL of docs/architecture.md, or null where the reply holds something else. */
  function channel(raw) {
    if (!raw || !CT.isNumber(raw.id)) { return null; }
    return { id: raw.id, number: number(raw.number), name: text(raw.name) || '频道 ' + number(raw.number),
      logo: resolve(raw.logo), group: text(raw.group), radio: raw.radio === true, live_url: resolve(raw.live_url),
      catchup_days: number(raw.catchup_days), window_s: number(raw.window_s), target_s: number(raw.target_s) };
  }

  /* PROGRAMME, start and stop in epoch s. */
  function programme(raw) {
    if (!raw || !CT.isNumber(raw.start) || !CT.isNumber(raw.stop) || raw.stop <= raw.start) { return null; }
    return { id: text(raw.id), channel: raw.channel, title: text(raw.title) || '未命名节目', sub_title: text(raw.sub_title),
      start: raw.start, stop: raw.stop, catchup_url: resolve(raw.catchup_url) };
  }
  function programmes(list) {
    return each(list, programme).sort(function (a, b) { return a.start - b.start; });
  }

  function nowNext(raw) {
    return raw && CT.isNumber(raw.channel) ? { channel: raw.channel, now: programme(raw.now), next: programme(raw.next) } : null;
  }

  /* A revoked token must not darken the screen: 401 falls back to what is public. Where that is answered it was the
     token, not some gateway in between: what is the household's goes (CT.boxUnpaired, with the second script). */
  function send(method, path, options, done) {
    var url = base + '/api/v1' + path;
    var handle = { cancel: function () { inner.cancel(); } };
    options = CT.extend({ token: token }, options);
    var inner = CT.request(method, url, options, function (error, value, xhr) {
      if (error && error.status === 401 && options.token) {
        if (token === options.token) { token = null; }
        options.token = null;
        inner = CT.request(method, url, options, function (again, answer, reply) {
          if (!again && !token) { CT.api.refused = true; if (CT.boxUnpaired) { CT.later(CT.boxUnpaired, 0); } }
          done(again, answer, reply);
        });
        return;
      }
      done(error, value, xhr);
    });
    return handle;
  }

  function get(path, tries, make, done, onRetry) {
    return CT.retrying(function (answer) {
      return send('GET', path, null, function (error, raw) {
        var value = error ? null : make(raw);
        answer(error || (value ? null : { kind: 'bad', status: 200 }), value);
      });
    }, tries, done, onRetry);
  }

  function items(make) { return function (raw) { return raw.items instanceof Array ? make(raw.items) : null; }; }

  CT.api = {
    text: text, number: number, each: each, resolve: resolve, get: get, send: send,
    start: function () {
      base = String(CT.option('api') || '').replace(/\/+$/, '');
      loadToken();
    },
    paired: function () { return token !== null; },
    refused: false, // a token that the server no longer takes
    /* It may take it again: somebody may have restored the box. */
    again: function () { token = token || kept(); },
    /* This box belongs to a place from now on. */
    pair: function (given) {
      token = given;
      CT.api.refused = false;
      CT.save('token@' + base, given);
    },

    /* A reply of /channels (or its copy on the box) as CHANNELs by number, or null. */
    readChannels: function (raw) {
      return raw && raw.items instanceof Array ? each(raw.items, channel).sort(function (a, b) {
        return a.number - b.number || a.id - b.id;
      }) : null;
    },
    channels: function (done, onRetry) { return get('/channels', Infinity, function (raw) {
      return CT.api.readChannels(raw) && raw;
    }, done, onRetry); },

    /* done(error, [{channel, now, next}] or null when nothing changed, etag, version) */
    now: function (etag, done) {
      return send('GET', '/now', { etag: etag }, function (error, raw, xhr) {
        if (error) { done(error); return; }
        var list = raw.items instanceof Array ? each(raw.items, nowNext) : null;
        if (!list && xhr.status !== 304) { done({ kind: 'bad', status: 200 }); return; }
        done(null, list, xhr.getResponseHeader('ETag'), raw.version);
      });
    },
    /* The programmes of one channel that overlap [from, to). */
    guide: function (id, from, to, done) {
      return get('/guide?channel=' + id + '&from=' + Math.floor(from) + '&to=' + Math.ceil(to), 2, items(programmes), done);
    },
    programmes: programmes
  };
}(window.CT, window));
