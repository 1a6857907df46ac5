using System.Text.Json;
using Fairlead.Storage;

namespace Fairlead.Server.Control;

/// <summary>The server's side of the control socket: one address that takes an <see cref="AdminCommand"/> and answers an <see cref="AdminAnswer"/>.</summary>
internal static class ControlEndpoints
{
    /// <summary>The only path.</summary>
    public const string Path = "/command";

    /// <summary>The header that says which database the command is about, where one was named; a server on another one answers 421.</summary>
    public const string Database = "X-Database";

    /// <summary>
    /// Branches requests of the control socket off before anything else sees them; on every other listener the branch does not exist.
    /// </summary>
    public static void UseControl(this IApplicationBuilder app) => app.MapWhen(ControlConnection.Carries, branch => branch.Run(AnswerAsync));

    /// <summary>A database as <see cref="Database"/> names it: in ASCII, whatever its path is called.</summary>
    public static string NameOf(DatabaseAddress address) => Uri.EscapeDataString($"{address.Engine}:{address.Location}");

    private static async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path != Path || !HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var meant = http.Request.Headers[Database];
        if (meant.Count > 0 && meant != NameOf(http.RequestServices.GetRequiredService<Storage.Database>().Address))
        {
            http.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            return;
        }

        AdminCommand? command;
        try
        {
            command = await JsonSerializer.DeserializeAsync(http.Request.Body, ControlJson.Default.AdminCommand, http.RequestAborted);
        }
        catch (JsonException)
        {
            command = null; // A command line of another version.
        }

        var answer = command is null
            ? AdminAnswer.Refused(Commands.ExitCode.Usage, "The running server does not know this command; it may be of another version.")
            : await http.RequestServices.GetRequiredService<Administration>().RunAsync(command, http.RequestAborted);
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, answer, ControlJson.Default.AdminAnswer, http.RequestAborted);
    }
}
