"""The Dataverse Web API v9.2 over HTTP, written from Microsoft's public documents."""
