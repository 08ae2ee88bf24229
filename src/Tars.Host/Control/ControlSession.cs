using System.Collections.Immutable;
using System.Net.Sockets;
using Tars.Evolution.Trials;
using Tars.Host.Granting;
using Tars.Host.Journal;
using Tars.Host.Swapping;
using Tars.Kernel.Ports;

namespace Tars.Host.Control;

/// <summary>One connection: a line in, a line out, until the client goes or breaks the rules.</summary>
/// <remarks>
/// Invariants:
///   I1  What is kept of a client is bounded: one line, and the pieces of one bundle.
///   I2  Nothing is read before the line before is answered, so a flood waits in the client's own buffers.
///   I3  A client that says or takes nothing for long is let go.
/// </remarks>
internal sealed class ControlSession(
    Socket client, ControlDesk desk, RunOptions options, ImmutableArray<string> modules) : IDisposable
{
    private static readonly TimeSpan _silence = TimeSpan.FromMilliseconds(Limits.ControlSilenceMilliseconds);

    private readonly byte[] _line = new byte[Limits.ControlLineBytesMax]; // I1
    private readonly MemoryStream _parts = new();
    private int _start;
    private int _end;

    public async Task ServeAsync(CancellationToken stop)
    {
        await WriteAsync(ControlAnswer.Hello(modules), stop);
        while (await ReadLineAsync(stop) is { } line)
        {
            desk.Owe();
            try
            {
                await ServeAsync(line, stop); // I2
            }
            finally
            {
                desk.Settle();
            }
        }

        if (_end - _start == _line.Length)
        {
            await WriteAsync(ControlAnswer.Refused(0, $"a line has at most {_line.Length - 1} octets"), stop);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _parts.Dispose();
    }

    private async Task ServeAsync(ReadOnlyMemory<byte> line, CancellationToken stop)
    {
        switch (ControlReader.Read(line, out long id, out string reason))
        {
            case null:
                await WriteAsync(ControlAnswer.Refused(id, reason), stop);
                break;
            case ControlRequest.Part part:
                await WriteAsync(Keep(part, id), stop);
                break;
            case ControlRequest.Engine engine:
                await WriteAsync(await Task.Run(() => Move(engine, id), stop), stop);
                break;
            case ControlRequest.Swap swap when Load(swap.Terms, stop, out reason) is { } image:
                await SwapAsync(swap, id, image, stop);
                break;
            case ControlRequest.Swap:
                await WriteAsync(ControlAnswer.Refused(id, reason), stop);
                break;
            case { } request:
                await AskAsync(request, id, offer: null, stop);
                break;
        }
    }

    // Compiling takes long and changes nothing of what the run does, so its thread has nothing to do with it.
    private ReadOnlyMemory<byte> Move(ControlRequest.Engine wanted, long id)
    {
        if (!Compose.Names.Contains(wanted.Name))
        {
            return ControlAnswer.Refused(id, $"no engine runs guests by that name; there is {Compose.List}");
        }

        if (options.Engines is not { } desk || Compose.Engine(wanted.Name, desk.Over) is not { } engine)
        {
            return ControlAnswer.Refused(id, Compose.WhyNot(wanted.Name));
        }

        var reasons = desk.MoveTo(engine);
        return reasons.IsEmpty
            ? ControlAnswer.Done(id, json => json.WriteString(
                "done", $"guests go over to {engine.Name}, each when it is called next"))
            : ControlAnswer.Refused(id, string.Join("; ", reasons));
    }

    // The newest events are tried here, and not on the thread of the run.
    private async Task SwapAsync(ControlRequest.Swap swap, long id, SwapOffer offer, CancellationToken stop)
    {
        int percent = swap.Gate ?? TrialText.PercentDefault;
        var outcome = options.Recent is { } recent
            ? await Task.Run(() => recent.Try(offer.Bundle), stop)
            : new TrialOutcome.Refused(["the run keeps no events; begin it with --control SOCKET"]);
        offer = offer with { Trial = [.. TrialText.Of(outcome, percent)] };
        string? closed = swap.Gate is null ? null : TrialText.WhyNot(outcome, percent);
        if (closed is null)
        {
            await AskAsync(swap, id, offer, stop);
            return;
        }

        offer.Image.Code.Dispose();
        await WriteAsync(ControlAnswer.Refused(id, string.Join("; ", offer.Trial)), stop);
    }

    private async Task AskAsync(ControlRequest request, long id, SwapOffer? offer, CancellationToken stop) =>
        await WriteAsync(await desk.AskAsync(request, id, offer, stop), stop);

    private ReadOnlyMemory<byte> Keep(ControlRequest.Part part, long id)
    {
        if (Limits.ControlBundleBytesMax < _parts.Length + part.Octets.Length)
        {
            _parts.SetLength(0);
            return ControlAnswer.Refused(id, $"a bundle has at most {Limits.ControlBundleBytesMax} octets here");
        }

        _parts.Write(part.Octets);
        return ControlAnswer.Done(id, json => json.WriteNumber("octets", _parts.Length));
    }

    // What takes long, reading and translating, is done here and not on the thread of the run.
    private SwapOffer? Load(SwapTerms terms, CancellationToken stop, out string reason)
    {
        byte[] bundle = _parts.ToArray();
        _parts.SetLength(0);
        if ((options.Engines?.Engine ?? Compose.Engine(options.Engine, stop)) is not { } engine)
        {
            reason = Compose.WhyNot(options.Engine);
            return null;
        }

        // What the new version asks for has to be answered, as at the start of a run.
        var grants = SystemGrants.Of([bundle], options);
        var loader = new SystemLoader(engine, grants.ApplyTo(options));
        var image = grants.Open.IsEmpty ? loader.LoadAlone(bundle) : null;
        IReadOnlyList<string> unkept = image is null ? [] : Unkept.WhyNot(image.Manifest, options);
        reason = string.Join("; ", [.. grants.Refusals(), .. loader.Reasons, .. unkept]);
        if (image is null || 0 < unkept.Count)
        {
            image?.Code.Dispose();
            return null;
        }

        return SwapOffer.Of(image, bundle, desk.Running, terms);
    }

    // The next line without its end; null when the client has gone, or its line is too long.
    private async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken stop)
    {
        int looked = _start;
        while (true)
        {
            int end = _line.AsSpan(looked, _end - looked).IndexOf((byte)'\n');
            if (0 <= end)
            {
                var line = _line.AsMemory(_start, looked + end - _start);
                _start = looked + end + 1;
                return line;
            }

            _line.AsSpan(_start, _end - _start).CopyTo(_line);
            (_start, _end) = (0, _end - _start);
            looked = _end;
            if (_end == _line.Length)
            {
                return null;
            }

            using var patience = Patience(stop);
            int read = await client.ReceiveAsync(_line.AsMemory(_end), patience.Token);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> line, CancellationToken stop)
    {
        using var patience = Patience(stop);
        while (!line.IsEmpty)
        {
            line = line[await client.SendAsync(line, patience.Token)..];
        }
    }

    private static CancellationTokenSource Patience(CancellationToken stop) // I3
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(_silence);
        return patience;
    }
}
