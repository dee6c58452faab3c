"""How a page or paper is written down: HTML, DOCX, XLSX and PDF; nothing here knows what it says."""
