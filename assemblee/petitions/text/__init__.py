"""The text of a petition: its author writes it, sponsors carry it, guarantors check it, two become one."""
