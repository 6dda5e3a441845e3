/* One way to the server: XHR with a time limit of our own, replies checked, quiet retries with back-off. */
(function (CT, window) {
  'use strict';
  var TIMEOUT_MS = 8000;
  var CACHED_MS = 120000; // no reply stays in a cache for longer
  var BACKOFF_MS = [1000, 2000, 4000, 8000, 15000, 30000, 60000];

  CT.heard = 0; // replies so far: each brings the server's time
  var learned = false;

  CT.backoff = function (attempt) {
    var base = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)];
    return base * (0.8 + 0.4 * Math.random()); // a county's boxes must not come back in step
  };

  function learnClock(xhr) {
    var date = xhr.getResponseHeader && xhr.getResponseHeader('Date');
    var server_ms = date ? Date.parse(date) : NaN;
    var skew = server_ms - new Date().getTime();
    CT.heard += 1;
    /* A reply out of a cache is older than it seems, never younger: a little back is not believed. */
    if (!isFinite(skew) || (learned && skew < CT.skew_ms && CT.skew_ms - skew < CACHED_MS)) { return; }
    learned = true;
    CT.skew_ms = Math.abs(skew) > 5000 ? skew : 0;
  }

  function failure(kind, status) { return { kind: kind, status: status || 0 }; }

  /* Judges a finished request: a reply is good only when it is a 2xx with a JSON object (or no content). What is bad is
     given along, for who asked for something else. */
  function judge(xhr, done) {
    if (!xhr.status) { return done(failure('offline')); }
    learnClock(xhr);
    if (xhr.status === 204 || xhr.status === 304) { return done(null, {}, xhr); }
    if (xhr.status < 200 || xhr.status > 299) { return done(failure('http', xhr.status)); }
    var value = null;
    try { value = JSON.parse(xhr.responseText); } catch (e) { /* HTML of a gateway, or cut off */ }
    if (!value || typeof value !== 'object') { return done(failure('bad', xhr.status), null, xhr); }
    return done(null, value, xhr);
  }

  /* Sends once. done({kind: timeout|offline|http|bad, status} or null, value, xhr) is called exactly once.
     With options.etag the value of an unchanged reply (304) is {}. */
  CT.request = function (method, url, options, done) {
    var xhr = new window.XMLHttpRequest();
    var timer = null;
    var over = false;
    function finish(error, value, reply) {
      if (over) { return; }
      over = true;
      window.clearTimeout(timer);
      done(error, value, reply);
    }
    xhr.onreadystatechange = CT.guard(function () {
      if (xhr.readyState === 4 && !over) { judge(xhr, finish); }
    });
    timer = CT.later(function () {
      finish(failure('timeout'));
      try { xhr.abort(); } catch (e) { /* already gone */ }
    }, options.timeout_ms || CT.timeout_ms || TIMEOUT_MS);
    try {
      xhr.open(method, url, true);
      if (options.token) { xhr.setRequestHeader('Authorization', 'Bearer ' + options.token); }
      if (options.etag) { xhr.setRequestHeader('If-None-Match', options.etag); }
      if (options.body) { xhr.setRequestHeader('Content-Type', 'application/json'); }
      xhr.send(options.body ? JSON.stringify(options.body) : null);
    } catch (e) { CT.later(function () { finish(failure('offline')); }, 0); }
    return { cancel: function () {
      over = true;
      window.clearTimeout(timer);
      try { xhr.abort(); } catch (e) { /* already gone */ }
    } };
  };

  /* Worth another try: everything but a plain refusal (4xx other than 408 and 429). */
  CT.mayRetry = function (error) {
    var s = error.status;
    return error.kind !== 'http' || s >= 500 || s === 408 || s === 429;
  };

  /* Repeats send(done) with back-off until it answers, is refused, or tries run out; of a few tries none follows one that
     timed out: who waits must be told. */
  CT.retrying = function (send, tries, done, onRetry) {
    var attempt = 0, current = null, timer = null, stopped = false;
    function go() {
      current = send(function (error, value) {
        if (stopped) { return; }
        attempt += 1;
        if (!error || !CT.mayRetry(error) || attempt >= tries || (tries < Infinity && error.kind === 'timeout')) {
          done(error, value);
          return;
        }
        if (onRetry) { onRetry(error, attempt); }
        timer = CT.later(go, CT.backoff(attempt - 1));
      });
    }
    go();
    return { cancel: function () {
      stopped = true;
      window.clearTimeout(timer);
      if (current) { current.cancel(); }
    } };
  };
}(window.CT, window));
