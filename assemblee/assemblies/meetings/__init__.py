"""What those who sit do together: meetings, who came, minutes, tables, and what is paid."""
