"""The one mapping of errors to HTTP: problem+json for programs, a plain page for people."""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from core import errors

log = structlog.get_logger()

STATUS: dict[type[errors.CuntaiError], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.GoneError: 410,
    errors.TooLargeError: 413,
    errors.RateLimitedError: 429,
    errors.StorageFullError: 507,
}

TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "没有权限",
    404: "找不到",
    405: "方法不对",
    409: "状态已改变",
    410: "已失效",
    412: "协议版本不对",
    413: "太大了",
    415: "类型不对",
    423: "正忙",
    429: "请稍候再试",
    460: "校验不符",
    500: "服务器出错",
    503: "暂时不能服务",
    507: "磁盘已满",
}

#: Addresses whose errors are read by programs.
PROGRAM_PREFIXES = ("/api/", "/vod/", "/live/", "/media/", "/img/")


def status_of(error: errors.CuntaiError) -> int:
    """Return the HTTP status of an error; 500 for one that should not reach HTTP."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def register_errors(app: Flask) -> None:
    """Make every error of a view a reply of this module."""
    app.register_error_handler(errors.CuntaiError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _known(error: errors.CuntaiError) -> Response:
    reply = problem(status_of(error), error.message, kind=error.code, field=error.field)
    if isinstance(error, errors.RateLimitedError):
        reply.headers["Retry-After"] = str(error.retry_after_s)
    return reply


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    detail = {
        400: "请求的内容不完整或已过期，请刷新页面再试。",
        404: "没有这个地址。",
        405: "这个地址不接受这种请求。",
        413: "提交的内容太大了；视频请用上传，图片最大 16 MB。",
    }.get(status, error.description or "")
    reply = problem(status, detail)
    # Redirects and Allow headers are part of such an error.
    for name, value in error.get_headers():
        if name in {"Allow", "Location"}:
            reply.headers[name] = value
    return reply


def _unknown(error: Exception) -> Response:
    log.error("request failed", method=request.method, path=request.path, exc_info=error)
    return problem(500, "服务器内部出错，已记录。请稍后再试。")


def problem(
    status: int, detail: str, *, kind: str = "about:blank", field: str | None = None
) -> Response:
    """Return an error in the form the caller reads (RFC 9457 for programs).

    Args:
        status: HTTP status.
        detail: a sentence in Chinese.
        kind: the error's code.
        field: the field it speaks of.
    """
    title = TITLES.get(status, "出错了")
    if request.path.startswith(PROGRAM_PREFIXES):
        body = {"type": kind, "title": title, "status": status, "detail": detail}
        reply = jsonify(body | ({"field": field} if field else {}))
        reply.mimetype = "application/problem+json"
    else:
        fragment = "HX-Request" in request.headers
        name = "error_fragment.html" if fragment else "error.html"
        reply = Response(render_template(name, status=status, title=title, detail=detail))
    reply.status_code = status
    reply.headers["Cache-Control"] = "no-store"
    return reply
