import os

SECRET_KEY = "project"
INSTALLED_APPS = ["channels", "chanspec.channels"]
ASGI_APPLICATION = "shop.asgi.application"
CHANSPEC = {"TITLE": "Shop", "CHANNEL_PATH": "/ws/shop/", **({"TITEL": "x"} if "MISSPELLED" in os.environ else {})}
