using System.Collections.Immutable;
using Tars.Bundle.Manifest;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Linking;

/// <summary>Finds the handler of a request: a literal segment beats one that is captured, from the left.</summary>
/// <remarks>Who answers GET answers HEAD, which is the same without a body (RFC 9110, section 9.3.2), unless the module
/// answers HEAD there itself.</remarks>
internal static class HttpRoutes
{
    private const string Get = "GET";
    private const string Head = "HEAD";

    /// <param name="allowed">The methods by which the path is served; "" when it is not.</param>
    public static HttpRoute? Find(SystemImage system, string module, string method, string path, out string allowed)
    {
        var methods = new SortedSet<string>(StringComparer.Ordinal);
        HttpRoute? best = null;
        string[] wanted = path.Split('/');
        foreach (var agent in system.Agents.Where(one => one.Module.Manifest.Name == module))
        {
            foreach (var (index, handler) in agent.Handlers.Index())
            {
                if (handler.Spec.Kind != HandlerKind.Http
                    || handler.Spec.Subject.Split(' ') is not [var verb, var route]
                    || Match(route.Split('/'), wanted) is not { } captures)
                {
                    continue;
                }

                methods.Add(verb);
                var found = new HttpRoute(agent, index, route, captures);
                if (verb == method && (best is null || IsNearer(found.Route, best.Route)))
                {
                    best = found;
                }
            }
        }

        if (methods.Contains(Get) && methods.Add(Head) && method == Head)
        {
            return Find(system, module, Get, path, out allowed);
        }

        allowed = string.Join(", ", methods);
        return best;
    }

    private static bool IsCapture(string segment) => segment is ['{', .., '}'];

    // What stands where the route captures, in order; null when it does not match.
    private static ImmutableArray<string>? Match(string[] route, string[] wanted)
    {
        bool matches = route.Length == wanted.Length
            && route.Zip(wanted).All(pair => IsCapture(pair.First) || pair.First == pair.Second);
        return matches
            ? [.. route.Zip(wanted).Where(pair => IsCapture(pair.First)).Select(pair => Meant(pair.Second))]
            : null;
    }

    // Now that it cannot fall apart any more.
    private static string Meant(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static bool IsNearer(string left, string right)
    {
        foreach (var (one, other) in left.Split('/').Zip(right.Split('/')))
        {
            if (IsCapture(one) != IsCapture(other))
            {
                return IsCapture(other);
            }
        }

        return false;
    }
}

/// <summary>A handler that takes a request, and what its path captures.</summary>
/// <param name="Route">The path as it stands in the handler's subject.</param>
internal sealed record HttpRoute(AgentImage Agent, int Handler, string Route, ImmutableArray<string> Captures);
