%% Runs RabbitMQ's own STOMP parser and serialiser. Arguments: the plugin's ebin folder, a file of jobs.
%% A job is a line, all text as hexadecimal octets (a lone - is none):
%%   read VERSION STREAM           -> frames as COMMAND|NAME=VALUE,...|BODY, separated by blanks, then more, error or crash
%%   write COMMAND|NAME=VALUE,...|BODY -> the octets
%%   version HEADER                -> the version, or none
%%   heartbeat HEADER              -> the answer, or none
-mode(compile).

main([Ebin, File]) ->
    true = code:add_patha(Ebin),
    {ok, Jobs} = file:read_file(File),
    [io:put_chars([job(binary:split(Line, <<" ">>, [global])), $\n]) || Line <- binary:split(Jobs, <<"\n">>, [global, trim_all])].

job([<<"read">>, Version, Stream]) -> read(octets(Stream), binary_to_list(Version));
job([<<"write">>, Frame]) -> write(Frame);
job([<<"version">>, Header]) -> negotiate(binary_to_list(octets(Header)));
job([<<"heartbeat">>, Header]) -> heart_beat(octets(Header)).

read(Stream, Version) ->
    try rabbit_stomp_frame:parse(Stream, rabbit_stomp_frame:initial_state()) of
        {ok, Frame, Rest} -> [frame(transform(Frame, Version)), " ", read(Rest, Version)];
        {more, _} -> "more";
        {error, _} -> "error"
    catch
        error:_ -> "crash"
    end.

%% rabbit_stomp_processor: a CONNECT is of the version that it negotiates, and 1.0 trims.
transform(Frame = {stomp_frame, Command, _, _}, Version) ->
    Own = case lists:member(Command, ["CONNECT", "STOMP"]) of
              true -> negotiate(rabbit_stomp_frame:header(Frame, "accept-version", "1.0"));
              false -> Version
          end,
    case Own of
        "1.0" -> rabbit_stomp_util:trim_headers(Frame);
        _ -> Frame
    end.

%% The parser puts each header in front of those before it.
frame({stomp_frame, Command, Headers, Body}) ->
    [hex(Command), "|", lists:join(",", [[hex(N), "=", hex(V)] || {N, V} <- lists:reverse(Headers)]), "|", hex(Body)].

write(Text) ->
    [Command, Headers, Body] = binary:split(Text, <<"|">>, [global]),
    Pairs = [binary:split(Pair, <<"=">>) || Pair <- binary:split(Headers, <<",">>, [global, trim_all])],
    List = [{binary_to_list(octets(N)), binary_to_list(octets(V))} || [N, V] <- Pairs],
    hex(rabbit_stomp_frame:serialize({stomp_frame, binary_to_list(octets(Command)), List, [octets(Body)]})).

negotiate(Header) ->
    case rabbit_stomp_util:negotiate_version(re:split(Header, ",", [{return, list}]), ["1.0", "1.1", "1.2"]) of
        {ok, Version} -> Version;
        {error, _} -> "none"
    end.

%% rabbit_stomp_processor:ensure_heartbeats, which is not exported.
heart_beat(Header) ->
    try [list_to_integer(X) || X <- re:split(Header, ",", [{return, list}])] of
        [CX, CY] -> io_lib:format("~B,~B", [seconds(CY) * 1000, seconds(CX) * 1000]);
        _ -> "none"
    catch
        error:_ -> "none"
    end.

seconds(M) when M =< 0 -> 0;
seconds(M) when M < 1000 -> 1;
seconds(M) -> M div 1000.

octets(<<"-">>) -> <<>>;
octets(Hex) -> binary:decode_hex(Hex).

hex(Text) -> case iolist_to_binary(Text) of <<>> -> "-"; Octets -> binary:encode_hex(Octets) end.
