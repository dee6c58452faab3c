"""The yearly round in a browser of this machine: pages made here, every action one of the functions the commands call.

Nothing is kept but what those functions keep. The packages it needs beside the program come with the extra ``desk``.
"""

from plananalysis.desk.serving import serve

__all__ = ["serve"]
