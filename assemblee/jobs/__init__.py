"""Long work that outlives a request, and even the worker that began it.

A *job* is a row that people can watch: its phase, figures, result. DBOS makes it durable: it is enqueued in
the transaction of the act that asks for it, a *worker* takes it, and what a dead worker left is taken again.
The work itself runs in a child process and lands its result once, in one transaction with the job's end.
"""
