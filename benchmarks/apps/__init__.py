"""The applications that are measured, one library a module, so that a process imports one library only.

Each module has ``make(kind, layer, redis)``, which returns the ASGI application: ``kind`` is ``echo``, where a message
is answered by a message, or ``room``, where all connections are in one group and a message goes to all of them.
``layer`` is ``memory``, ``pubsub`` or ``queue``, and ``redis`` the address for the last two. All take and send
messages of the same shape, and validate them. They are called directly, without a router or a middleware.

They are written as each library's own documentation says; where that leaves a choice, as is fastest.
"""
