using Tars.Base;
using Tars.Kernel.Ports;

namespace Tars.Devices.Introspect;

/// <summary>The messages of an `introspect` device: a number goes out, rows of `ProcessInfo` come back.</summary>
public static class Protocol
{
    /// <summary>The one argument of either ask.</summary>
    public static long Number(DeviceAsk asked) => new ByteReader(asked.Arguments.AsSpan()).I64();

    public static DeviceAnswer Rows(IReadOnlyList<ProcessStatus> rows)
    {
        var value = new ByteWriter();
        value.U32((uint)rows.Count);
        foreach (var row in rows)
        {
            Write(value, row);
        }

        return new DeviceAnswer.Value([.. value.Written]);
    }

    public static DeviceAnswer Row(ProcessStatus? row)
    {
        var value = new ByteWriter();
        value.U8(row is null ? (byte)0 : (byte)1);
        if (row is not null)
        {
            Write(value, row);
        }

        return new DeviceAnswer.Value([.. value.Written]);
    }

    // In the order of BuiltInTypes.ProcessInfo; the cases of Activity are those of ProcessActivity, in order.
    private static void Write(ByteWriter value, ProcessStatus row)
    {
        value.I64(row.Process.Value);
        value.Text(row.Module);
        value.Text(row.Agent);
        value.I64(row.Parent.Value);
        value.U16((ushort)row.Activity);
        value.I64(row.WaitsFor.Value);
        value.Text(row.Device);
        value.I64(row.Waiting);
        value.I64(row.Outgoing);
        value.I64(row.Memory);
        value.I64(row.Fuel);
        value.I64(row.Traps);
        value.I64(row.Restarts);
    }
}
