using Tars.Base;
using Tars.Bundle.Manifest;
using Tars.Bundle.Schema;
using Tars.Kernel.Linking;
using Tars.Kernel.Ports;
using Tars.Kernel.Processes;

namespace Tars.Kernel.Ipc;

/// <summary>Asks and requests that come from outside: whose they are, and what the outside is answered.</summary>
/// <remarks>
/// Inside the kernel they are asks with numbers below zero, so that they can never be taken for one of a process.
///
/// Invariant: a number that was taken is answered at most once, and once when its process answers, traps or ends.
/// </remarks>
internal sealed class OutsideAsks(KernelState state)
{
    private readonly Dictionary<long, OutsideAsk> _open = [];
    private readonly ByteWriter _payload = new();

    /// <summary>Someone outside asks the first process of an agent.</summary>
    public void Ask(KernelEvent.Ask asked)
    {
        var agent = state.System.Agents.FirstOrDefault(one =>
            one.Module.Manifest.Name == asked.Module && one.Name == asked.Agent);
        int handler = agent is null ? -1 : agent.Handlers.ToList().FindIndex(one =>
            one.Spec.Kind == HandlerKind.Ask && one.Spec.Subject == asked.Name);
        var type = handler < 0 ? new SchemaType.Unit() : agent!.Handlers[handler].Spec.Returns;
        if (!Take(asked.Number, new OutsideAsk(type, IsRequest: false)))
        {
            return;
        }

        if (agent is null || handler < 0)
        {
            Fail(-asked.Number, AskFailure.Denied, $"there is no ask `{asked.Agent}.{asked.Name}`");
            return;
        }

        var image = agent.Handlers[handler];
        bool fits = !image.HoldsSlots && !SlotPlaces.AnyIn(type)
            && ValueEncoding.IsValid(image.Payload, asked.Arguments.AsSpan());
        if (!fits)
        {
            Fail(-asked.Number, AskFailure.Malformed, "what is asked does not have its type");
        }
        else if (state.IsStopping || state.ProcessOf(agent) is not { } process)
        {
            Fail(-asked.Number, AskFailure.Gone, "no such process");
        }
        else
        {
            Send(asked.Number, process, handler, asked.Arguments.AsSpan());
        }
    }

    /// <summary>A request for what a module serves: by route to a process that waits, or to one of its own.</summary>
    public void Request(KernelEvent.Request asked)
    {
        var value = asked.Value.AsSpan();
        if (!Take(asked.Number, new OutsideAsk(BuiltInTypes.Response, IsRequest: true)))
        {
            return;
        }

        if (!ValueEncoding.IsValid(BuiltInTypes.Request, value))
        {
            Respond(asked.Number, HttpStatus.BadRequest);
            return;
        }

        var reader = new ByteReader(value);
        string method = reader.Text();
        string path = reader.Text();
        var found = HttpRoutes.Find(state.System, asked.Module, method, path, out string allowed);
        if (found is not { } route)
        {
            Respond(asked.Number, allowed == "" ? HttpStatus.NotFound : HttpStatus.MethodNotAllowed, allowed);
        }
        else if (Limits.RequestBytesMax < value.Length)
        {
            Respond(asked.Number, HttpStatus.TooLarge);
        }
        else if (ProcessFor(route.Agent) is not { } process)
        {
            Respond(asked.Number, HttpStatus.Unavailable);
        }
        else
        {
            _payload.Clear();
            _payload.Bytes(value);
            foreach (string capture in route.Captures)
            {
                _payload.Text(capture);
            }

            Send(asked.Number, process, route.Handler, _payload.ToArray());
        }
    }

    /// <summary>What a process answers.</summary>
    /// <param name="ask">Below zero; one that is not open is a late answer and is dropped.</param>
    public void Reply(long ask, int status, ReadOnlySpan<byte> answer)
    {
        if (!_open.TryGetValue(ask, out var open))
        {
            return;
        }

        var type = status == 0 ? open.Answer : BuiltInTypes.Failure;
        if (status is not (0 or 1) || !ValueEncoding.IsValid(type, answer))
        {
            Fail(ask, AskFailure.Malformed, "the answer does not have its type");
        }
        else if (status == 0)
        {
            Answer(ask, type, answer);
        }
        else
        {
            Decline(ask, open, (AskFailure)new ByteReader(answer).U16(), answer);
        }
    }

    /// <summary>Answers with a Failure of the kernel's own; nothing happens for one that is not open.</summary>
    public void Fail(long ask, AskFailure why, string detail)
    {
        if (_open.TryGetValue(ask, out var open))
        {
            _payload.Clear();
            _payload.U16((ushort)why);
            _payload.Text(detail);
            Decline(ask, open, why, _payload.ToArray());
        }
    }

    /// <summary>What may be answered is known by the handler that an ask waits for or that waits itself.</summary>
    public void Save(ByteWriter output)
    {
        output.U32((uint)_open.Count);
        foreach (var (number, ask) in _open.OrderBy(one => one.Key))
        {
            output.I64(number);
            output.U8(ask.IsRequest ? (byte)1 : (byte)0);
        }
    }

    public bool Load(ref ByteReader input)
    {
        var handlers = HandlersOfAsks();
        for (uint left = input.U32(); 0 < left && !input.Failed; left--)
        {
            long number = input.I64();
            byte isRequest = input.U8();
            if (!handlers.TryGetValue(number, out var handler)
                || !_open.TryAdd(number, new OutsideAsk(handler.Spec.Returns, isRequest != 0)))
            {
                return false;
            }
        }

        return !input.Failed;
    }

    private Dictionary<long, HandlerImage> HandlersOfAsks()
    {
        var handlers = new Dictionary<long, HandlerImage>();
        foreach (var process in state.Processes.Values)
        {
            if (process is { HeldAsk: < 0, Waiting: { } ask }
                && process.Agent.Waits[ask.Continuation] is >= 0 and var at)
            {
                handlers.TryAdd(process.HeldAsk, process.Agent.Handlers[at]);
            }

            for (int index = 0; index < process.Mail.Count; index++)
            {
                ref var mail = ref process.Mail.At(index);
                if (mail is { Kind: MailKind.Message, Ask: < 0 })
                {
                    handlers.TryAdd(mail.Ask, process.Agent.Handlers[mail.Handler]);
                }
            }
        }

        return handlers;
    }

    // The number is the outside's own; one that is wrong or used twice is refused like any input.
    private bool Take(long number, OutsideAsk ask)
    {
        if (number <= 0 || !_open.TryAdd(-number, ask))
        {
            state.Audit(ProcessId.Outside, "ask", "", "its number is in use, or is none");
            return false;
        }

        return true;
    }

    private void Send(long number, Process process, int handler, ReadOnlySpan<byte> payload)
    {
        var mail = new Mail
        {
            Kind = MailKind.Message,
            Handler = handler,
            Ask = -number,
            Instant = state.Now.Instant,
            Arrived = state.Now.Monotonic,
        };
        if (state.Delivery.Send(sender: null, process, mail, payload) is { } refused)
        {
            Fail(-number, AskFailure.Refused, refused);
        }
    }

    private Process? ProcessFor(AgentImage agent) =>
        state.IsStopping ? null
        : agent.Spec.Starts != AgentStart.PerRequest ? state.ProcessOf(agent)
        : state.AliveOf(spawner: null, agent) < Limits.RequestsMax && state.Processes.Count < Limits.ProcessesMax
            ? state.Births.Serve(agent)
            : null;

    private void Decline(long ask, OutsideAsk open, AskFailure why, ReadOnlySpan<byte> failure)
    {
        if (open.IsRequest)
        {
            bool isBusy = why is AskFailure.Refused or AskFailure.Unavailable or AskFailure.Timeout;
            Respond(-ask, isBusy ? HttpStatus.Unavailable : HttpStatus.Failed);
            return;
        }

        _open.Remove(ask);
        state.Outside.Answered(-ask, failed: true, BuiltInTypes.Failure, failure);
    }

    // A response without a body; the one header tells which methods would have done (RFC 9110, section 15.5.6).
    private void Respond(long number, long status, string allowed = "")
    {
        _payload.Clear();
        _payload.I64(status);
        _payload.U32(allowed == "" ? 0u : 1u);
        if (allowed != "")
        {
            _payload.Text("allow");
            _payload.Text(allowed);
        }

        _payload.U32(0);
        Answer(-number, BuiltInTypes.Response, _payload.ToArray());
    }

    private void Answer(long ask, SchemaType type, ReadOnlySpan<byte> answer)
    {
        _open.Remove(ask);
        state.Outside.Answered(-ask, failed: false, type, answer);
    }

    /// <param name="Answer">The type of what a process may answer.</param>
    /// <param name="IsRequest">True when a failure is a status of HTTP.</param>
    private sealed record OutsideAsk(SchemaType Answer, bool IsRequest);

    /// <summary>What the kernel itself answers a request (RFC 9110, section 15).</summary>
    private static class HttpStatus
    {
        public const long BadRequest = 400;
        public const long NotFound = 404;
        public const long MethodNotAllowed = 405;
        public const long TooLarge = 413;
        public const long Failed = 500;
        public const long Unavailable = 503;
    }
}
