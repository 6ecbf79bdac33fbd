"""A limit on what is uploaded, kept while it comes in, so that a huge file fills neither memory nor disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

__all__ = ["UploadLimit"]


class UploadLimit(FileUploadHandler):
    """Stops an upload at ``settings.UPLOAD_LIMIT`` bytes; the request says so by ``upload_too_large``."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.total = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and stop what is too large."""
        self.total += len(raw_data)
        if self.total > settings.UPLOAD_LIMIT:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers after this one."""
