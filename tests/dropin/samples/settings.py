CHANX = {
    "MESSAGE_ACTION_KEY": "action",
    "SEND_COMPLETION": False,
    "SEND_MESSAGE_IMMEDIATELY": True,
    "SEND_AUTHENTICATION_MESSAGE": True,
    "CAMELIZE": False,
    "LOG_WEBSOCKET_MESSAGE": True,
    "LOG_IGNORED_ACTIONS": ["ping", "pong"],
    "WEBSOCKET_BASE_URL": None,
    # AsyncAPI documentation settings
    "ASYNCAPI_TITLE": "AsyncAPI Documentation",
    "ASYNCAPI_DESCRIPTION": "",
    "ASYNCAPI_VERSION": "1.0.0",
    "ASYNCAPI_SERVER_URL": None,
    "ASYNCAPI_SERVER_PROTOCOL": None,
}
