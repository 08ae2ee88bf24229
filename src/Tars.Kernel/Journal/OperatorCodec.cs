using System.Diagnostics;
using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Kernel.Journal;

/// <summary>The octets of what an operator does to a running system.</summary>
internal static class OperatorCodec
{
    public static void Write(ByteWriter output, KernelEvent happened)
    {
        switch (happened)
        {
            case KernelEvent.SetParam set:
                output.Text(set.Module);
                output.Text(set.Param);
                if (set.Until is { } until)
                {
                    output.I64(until);
                }

                output.Bytes(set.Value.AsSpan());
                break;
            case KernelEvent.Grant grant:
                Write(output, grant.Process, grant.Module, grant.Right);
                break;
            case KernelEvent.Revoke revoke:
                Write(output, revoke.Process, revoke.Module, revoke.Right);
                break;
            case KernelEvent.DeliverDead deliver:
                output.I64(deliver.Letter);
                break;
            case KernelEvent.DropDead drop:
                output.I64(drop.Letter);
                break;
            case KernelEvent.StopProcess stop:
                output.I64(stop.Process.Value);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public static KernelEvent.SetParam ReadSet(Moment at, ref ByteReader input, bool isForATime)
    {
        string module = input.Text();
        string param = input.Text();
        long? until = isForATime ? input.I64() : null;
        return new KernelEvent.SetParam(at, module, param, [.. input.Bytes(input.Remaining)]) { Until = until };
    }

    public static KernelEvent.Grant ReadGrant(Moment at, ref ByteReader input) =>
        new(at, new ProcessId(input.I64()), input.Text(), ReadRight(ref input));

    public static KernelEvent.Revoke ReadRevoke(Moment at, ref ByteReader input) =>
        new(at, new ProcessId(input.I64()), input.Text(), ReadRight(ref input));

    private static void Write(ByteWriter output, ProcessId process, string module, Right right)
    {
        output.I64(process.Value);
        output.Text(module);
        output.U8((byte)right.Kind);
        output.Text(right.Name);
    }

    private static Right ReadRight(ref ByteReader input)
    {
        var kind = (RightKind)input.U8();
        if (!Enum.IsDefined(kind))
        {
            input.Fail();
        }

        return new Right(kind, input.Text());
    }
}
