using System.Globalization;
using System.IO.Compression;
using System.Text;
using Fairlead.Simulator.Faults;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Simulator.Replies;

/// <summary>Puts a reply on the wire, with its faults.</summary>
internal sealed class ReplyWriter(HttpContext http, FaultPlan faults, TimeProvider time, CancellationToken gone)
{
    // The first two bytes of the euro sign: a character that never ends.
    private static readonly byte[] HalfCharacter = [0xE2, 0x82];

    /// <summary>Set before the simulator itself cuts the connection, so that the cut is not taken for the client's.</summary>
    public bool CutByUs { get; private set; }

    public async Task WriteAsync(Reply reply)
    {
        var response = http.Response;
        response.ContentType = faults.ContentType ?? reply.ContentType;
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers[name] = value;
        }

        if (faults.Gzip)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        if (reply is BodyReply body)
        {
            await WriteBodyAsync(body);
        }
        else
        {
            await WriteStreamAsync((StreamReply)reply);
        }
    }

    /// <summary>Waits until the client leaves or the simulator stops.</summary>
    public Task UntilGoneAsync() => Task.Delay(Timeout.InfiniteTimeSpan, gone);

    public void Cut()
    {
        CutByUs = true;
        http.Abort();
    }

    private async Task WriteBodyAsync(BodyReply reply)
    {
        await WaitAsync(faults.FirstToken + (faults.PerToken * reply.Tokens));
        var body = Damage(reply.Body);
        if (faults.Gzip)
        {
            body = Compress(body);
        }

        http.Response.StatusCode = reply.Status;
        if (faults.LieLength is { } lie)
        {
            await LieAsync(reply.Status, body, lie);
            return;
        }

        if (!faults.NeverClose && faults.TruncateUtf8After is null)
        {
            http.Response.ContentLength = body.Length;
        }

        if (faults.CutAfter is { } cut)
        {
            await SendAsync(cut == 0 ? [] : body[..(body.Length / 2)]);
            Cut();
            return;
        }

        if (faults.StallAfter is { } stall)
        {
            await SendAsync(stall == 0 ? [] : body[..(body.Length / 2)]);
            await UntilGoneAsync();
            return;
        }

        await SendAsync(body);
        if (faults.NeverClose)
        {
            await UntilGoneAsync();
        }
    }

    private byte[] Damage(byte[] body) =>
        faults.MalformedAfter is not null ? body[..(body.Length / 2)]
        : faults.TruncateUtf8After is not null ? [.. body[..(body.Length / 2)], .. HalfCharacter]
        : body;

    /// <summary>Answers with a false Content-Length. The server would not let us, so the bytes go straight to the socket.</summary>
    private async Task LieAsync(int status, byte[] body, int lie)
    {
        var socket = http.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} OK\r\nContent-Length: {Math.Max(0, body.Length + lie)}\r\n");
        foreach (var header in http.Response.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{header.Key}: {header.Value}\r\n");
        }

        byte[] message = [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body];
        for (var sent = 0; sent < message.Length;)
        {
            sent += await socket.SendAsync(message.AsMemory(sent), gone);
        }

        socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Cut();
    }

    private async Task WriteStreamAsync(StreamReply reply)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        if (!faults.LateHeaders)
        {
            await http.Response.StartAsync(gone);
            await http.Response.BodyWriter.FlushAsync(gone);
        }

        GZipStream? gzip = faults.Gzip ? new GZipStream(http.Response.Body, CompressionLevel.Fastest, leaveOpen: true) : null;
        await using (gzip)
        {
            var framer = new EventFramer(reply.Framing, faults);
            var sent = 0;
            var firstToken = true;
            foreach (var e in reply.Events)
            {
                if (e.Kind == EventKind.Done && faults.NoDone)
                {
                    continue;
                }

                if (await InterruptedAsync(sent, reply, framer, gzip))
                {
                    return;
                }

                if (e.Kind == EventKind.Token)
                {
                    await WaitAsync(firstToken ? faults.FirstToken : faults.PerToken);
                    firstToken = false;
                }

                var frame = framer.Frame(e, malformed: faults.MalformedAfter == sent, badUtf8: faults.BadUtf8After == sent);
                if (faults.TruncateUtf8After == sent)
                {
                    await SendAsync([.. frame[..(frame.Length / 2)], .. HalfCharacter], gzip);
                    return;
                }

                if (faults.BadCrcAfter == sent)
                {
                    frame[^1] ^= 0xFF;
                }

                await SendAsync(frame, gzip);
                sent++;
            }

            if (await InterruptedAsync(sent, reply, framer, gzip))
            {
                return;
            }

            if (!faults.NoDone)
            {
                await SendAsync(framer.End(), gzip);
            }

            if (faults.NeverClose)
            {
                await UntilGoneAsync();
            }
        }
    }

    /// <summary>Stalls, cuts or reports an error when this many events were sent.</summary>
    private async Task<bool> InterruptedAsync(int sent, StreamReply reply, EventFramer framer, GZipStream? gzip)
    {
        if (faults.CutAfter == sent)
        {
            await SendAsync([], gzip);
            Cut();
            return true;
        }

        if (faults.StallAfter == sent)
        {
            await SendAsync([], gzip);
            await UntilGoneAsync();
        }

        if (faults.ErrorAfter == sent)
        {
            await SendAsync(framer.Frame(reply.Failure, malformed: false, badUtf8: false), gzip);
            await SendAsync(framer.End(), gzip);
            return true;
        }

        return false;
    }

    private async Task SendAsync(byte[] bytes, Stream? through = null)
    {
        var target = through ?? http.Response.Body;
        if (!faults.OneByte || bytes.Length == 0)
        {
            await target.WriteAsync(bytes, gone);
            await target.FlushAsync(gone);
            return;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            await target.WriteAsync(bytes.AsMemory(i, 1), gone);
            await target.FlushAsync(gone);
        }
    }

    private static byte[] Compress(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        return packed.ToArray();
    }

    private Task WaitAsync(TimeSpan span) => span > TimeSpan.Zero ? Task.Delay(span, time, gone) : Task.CompletedTask;
}
