"""What Fireside knows of interviews, quotes, calendars and questions: pure Python, without Discord, SQL or a clock."""
