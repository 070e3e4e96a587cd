"""Django's urlconfs and what is routed through them: views, routers of REST framework, Ninja's operations, consumers of Channels."""
