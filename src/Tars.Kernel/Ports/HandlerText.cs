using Tars.Bundle.Manifest;

namespace Tars.Kernel.Ports;

/// <summary>A handler as a person finds it in the source.</summary>
public static class HandlerText
{
    public static string Of(HandlerSpec handler)
    {
        string kind = handler.Kind.ToString().ToLowerInvariant();
        return handler.Subject == "" ? kind : $"{kind} {handler.Subject}";
    }
}
